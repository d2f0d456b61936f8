import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { layer } from "../../support/it"
import { seedConversation } from "./chatFixtures"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("Conversation export", (it) => {
  it.live("exports a conversation as a file with a name in any script", () =>
    Effect.gen(function* () {
      const { app, user, conversation } = yield* seedConversation
      const { token } = user
      const path = `/api/conversations/${conversation}`
      yield* app.request("PUT", path, { token, body: { title: 'Größe / "été" 日本?' } })
      const date = new Date().toISOString().slice(0, 10)
      const markdown = yield* app.request("GET", `${path}/export`, { token })
      expect(markdown.headers.get("content-type")).toBe("text/markdown; charset=utf-8")
      const disposition = markdown.headers.get("content-disposition") ?? ""
      const name = /filename\*=UTF-8''([^;]+)/.exec(disposition)?.[1] ?? ""
      expect(disposition).toStartWith(`attachment; filename="conversation_Gr__e_____t_______${date}.md"; `)
      expect(decodeURIComponent(name)).toBe(`conversation_Größe____été__日本__${date}.md`)
      expect(markdown.text).toContain('# Größe / "été" 日本?')
      expect(markdown.text).toContain("## User")
      expect(markdown.text).toContain("You said: What is React?")
      expect(markdown.text).toContain("openai/scripted")
      const withoutMetadata = yield* app.request("GET", `${path}/export?metadata=false`, { token })
      expect(withoutMetadata.text).not.toContain("openai/scripted")
      const json = yield* app.request("GET", `${path}/export?format=json`, { token })
      expect(json.headers.get("content-disposition")).toContain(`_${date}.json"`)
      expect(json.json).toMatchObject({
        conversation: { id: conversation },
        messages: [{ content: "What is React?" }, { metadata: { model_id: "openai/scripted" } }],
        exported_at: time,
      })
      expect((yield* app.request("GET", `${path}/export?format=pdf`, { token })).status).toBe(400)
      const headerOf = (title: string) =>
        Effect.gen(function* () {
          yield* app.request("PUT", path, { token, body: { title } })
          const { headers } = yield* app.request("GET", `${path}/export`, { token })
          return headers.get("content-disposition") ?? ""
        })
      expect(yield* headerOf("Updated Title")).toBe(
        `attachment; filename="conversation_Updated_Title_${date}.md"`,
      )
      for (const title of ["漢".repeat(200), `a${"😀".repeat(99)}`]) {
        const [, fileName = ""] = /filename\*=UTF-8''([^;]+)/.exec(yield* headerOf(title)) ?? []
        expect(Buffer.byteLength(decodeURIComponent(fileName))).toBeLessThan(255)
        expect(decodeURIComponent(fileName)).not.toContain("\uFFFD")
      }
    }),
  )
})
