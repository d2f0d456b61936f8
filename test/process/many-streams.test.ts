import { expect } from "bun:test"
import { Effect } from "effect"
import { parseEvents } from "../support/App"
import { it } from "../support/it"
import { readStream } from "../support/readStream"
import { Provider } from "../support/ScriptedProvider"
import { answer, Latch, waitFor } from "../support/ScriptedProvider/Script"
import { databaseEnv, startServer } from "../support/ServerProcess"

const streams = 600

const words = Array.from({ length: 20 }, (_, index) => `word${index} `)

// Bun reads it at process start: `bun start` sets it, and the executable sets it for itself.
const raisedFetchLimit = { BUN_CONFIG_MAX_HTTP_REQUESTS: "65336" }

const startClients = (url: string) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      Bun.spawn([process.execPath, `${import.meta.dir}/programs/streamClients.ts`, url, String(streams)], {
        env: { ...process.env, ...raisedFetchLimit },
        stdout: "pipe",
        stderr: "inherit",
      }),
    ),
    (child) => Effect.sync(() => child.kill("SIGKILL")),
  )

it.live(
  `${streams} concurrent streams deliver every delta completely and in order`,
  () =>
    Effect.gen(function* () {
      const provider = yield* Provider.make
      const latch = new Latch()
      const [first = "", ...rest] = words
      yield* provider.setResponder(() => answer(first, waitFor(latch), ...rest))
      const server = yield* startServer({
        ...(yield* databaseEnv),
        ...raisedFetchLimit,
        OPENAI_BASE_URL: provider.url,
        DEFAULT_MODEL: "openai/scripted",
        TOKENS_LIMIT: "-1",
        // The first request waits until the last has started.
        LLM_IDLE_TIMEOUT: "10 minutes",
      })
      const clients = yield* startClients(server.url)
      const output = readStream(new Response(clients.stdout))
      yield* output.until("started\n")
      expect(provider.openRequests()).toBe(streams)
      latch.open()

      const { text } = yield* output.end
      const results: ReadonlyArray<{ chat: string; text: string }> = JSON.parse(text.replace("started\n", ""))
      expect(new Set(results.map(({ chat }) => chat)).size).toBe(streams)
      for (const result of results) {
        const chunks = parseEvents(result.text).map(({ data }) => JSON.parse(data).data)
        expect(chunks.map(({ index }) => index)).toEqual(chunks.map((_, index) => index))
        expect(new Set(chunks.map(({ chatId }) => chatId))).toEqual(new Set([result.chat]))
        const [prompt, ...deltas] = chunks.map(({ content }) => content)
        expect([prompt, deltas.join("")]).toEqual(["hi", words.join("")])
      }
    }),
  { timeout: 180_000 },
)
