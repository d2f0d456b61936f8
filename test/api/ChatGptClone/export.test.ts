import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { extractText } from "unpdf"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { makeChats } from "./chatFixtures"

const question = "# Spring?\n\n| City | Ωάλας |\n| --- | --- |\n| Kyoto | 京都 |\n"
const answer = "Go to **Kyoto** <script>alert(1)</script>"
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

/** Creates a chat with a question and an answer. */
const seedChat = Effect.gen(function* () {
  const chats = yield* makeChats
  const chat = yield* chats.newChat({ title: "Trip to Kyoto" })
  for (const content of [question, answer]) yield* chats.send(chat, { content, role: "assistant" })
  return { ...chats, chat, path: `/api/export/chat/${chat}` }
})

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("Export of chats", (it) => {
  it.live("exports a chat as JSON by default, as it is read", () =>
    Effect.gen(function* () {
      const { call, chat, path } = yield* seedChat
      const exported = yield* call("GET", path)
      expect(exported.headers.get("content-type")).toStartWith("application/json")
      const { chat: expectedChat, messages } = Object((yield* call("GET", `/api/chat/${chat}`)).json)
      expect(exported.json).toEqual({ chat: expectedChat, messages })
      expect((yield* call("GET", `${path}?format=json`)).json).toEqual(exported.json)
      expect(messages).toMatchObject([{ content: question, createdAt: time }, { content: answer }])
    }),
  )

  it.live("exports a chat as Markdown, plain text and a page, each a file with its type", () =>
    Effect.gen(function* () {
      const { call, path } = yield* seedChat
      for (const [format, extension, mediaType] of [
        ["md", "md", "text/markdown"],
        ["markdown", "md", "text/markdown"],
        ["txt", "txt", "text/plain"],
        ["html", "html", "text/html"],
      ] as const) {
        const { headers, text } = yield* call("GET", `${path}?format=${format}`)
        expect(headers.get("content-type")).toBe(`${mediaType}; charset=utf-8`)
        const date = new Date().toISOString().slice(0, 10)
        expect(headers.get("content-disposition")).toBe(
          `attachment; filename="chat_Trip_to_Kyoto_${date}.${extension}"`,
        )
        expect(text).toContain("Trip to Kyoto")
        expect(text).toContain("Assistant")
        expect(text).toContain(new Date().getUTCFullYear().toString())
        if (format === "html") {
          expect(text).toContain("<td>京都</td>")
          expect(text).toContain("<strong>Kyoto</strong>")
          expect(text).not.toContain("<script")
        } else for (const content of [question, answer]) expect(text).toContain(content)
      }
    }),
  )

  it.live("exports a chat as a PDF whose text has every script, on numbered pages", () =>
    Effect.gen(function* () {
      const chats = yield* makeChats
      const chat = yield* chats.newChat({ title: "Trip to Kyoto" })
      const texts = [
        "Őszi žluťoučký",
        "Привет, мир",
        "Καλημέρα κόσμε",
        "这是中文段落",
        "ひらがな",
        "안녕하세요",
      ]
      const content = `# Heading\n\n${texts.join("\n\n")}\n\n- item **bold**\n\n\`\`\`\nlet code\n\`\`\`\n\n| Cell |\n| - |\n| Row |\n`
      for (const _ of [1, 2, 3]) yield* chats.send(chat, { content, role: "assistant" })
      const app = yield* App
      const response = yield* Effect.promise(() =>
        fetch(`${app.url}/api/export/chat/${chat}?format=pdf`, {
          headers: { authorization: `Bearer ${chats.user.token}` },
        }),
      )
      expect(response.headers.get("content-type")).toBe("application/pdf")
      expect(response.headers.get("content-disposition")).toMatch(/^attachment; filename="chat_.+[.]pdf"$/)
      const bytes = yield* Effect.promise(() => response.bytes())
      const { text: pages } = yield* Effect.promise(() => extractText(bytes))
      expect(pages).toHaveLength(2)
      for (const [index, page] of pages.entries()) expect(page).toContain(`${index + 1}`)
      const text = pages.join("\n").replaceAll(/\s+/g, " ")
      for (const part of [
        "Trip to Kyoto",
        "Assistant",
        "Heading",
        ...texts,
        "item bold",
        "let code",
        "Cell",
        "Row",
      ])
        expect(text).toContain(part)
    }),
  )

  it.live("names the file after the title, whatever is in it", () =>
    Effect.gen(function* () {
      const { call, chat, path } = yield* seedChat
      const sql = yield* SqlClient.SqlClient
      const title = 'Größe\r\nX-Injected: "été" ../日本?'
      yield* sql`update conversations set title = ${title} where id = ${chat}`
      for (const format of ["json", "pdf", "md", "txt", "html"]) {
        const { headers } = yield* call("GET", `${path}?format=${format}`)
        const disposition = headers.get("content-disposition") ?? ""
        expect(disposition).toMatch(/^attachment; filename="[\x20-\x7e]+"; filename\*=UTF-8''[\w%.-]+$/)
        const name = decodeURIComponent(/UTF-8''(.+)/.exec(disposition)?.[1] ?? "")
        expect(name).toMatch(new RegExp(`^chat_Größe_X-Injected__?_été__..__?日本_+[\\d-]+\\.${format}$`))
        expect(headers.get("x-injected")).toBeNull()
      }
    }),
  )

  it.live("rejects an unknown format with 400, and another user with 404", () =>
    Effect.gen(function* () {
      const { call, path } = yield* seedChat
      const rejected = yield* call("GET", `${path}?format=docx`)
      expect([rejected.status, rejected.json]).toMatchObject([
        400,
        { code: "VALIDATION_ERROR", fields: [{ field: "format" }] },
      ])
      const other = yield* makeChats
      for (const format of ["json", "pdf", "md", "txt", "html"]) {
        const hidden = yield* other.call("GET", `${path}?format=${format}`)
        expect([hidden.status, hidden.at("code")]).toEqual([404, "CHAT_NOT_FOUND"])
      }
    }),
  )
})
