import { expect } from "bun:test"
import { Effect } from "effect"
import { parseEvents } from "../support/App"
import { it } from "../support/it"
import { Provider } from "../support/Provider"
import { answer, Latch, waitFor } from "../support/Provider/Script"
import { databaseEnv, startServer } from "../support/ServerProcess"
import { readStream } from "../support/sseClient"

const streams = 600

const words = Array.from({ length: 20 }, (_, index) => `word${index} `)

// Read by Bun when a process starts: `bun start` sets it, the binary for itself.
const manyRequests = { BUN_CONFIG_MAX_HTTP_REQUESTS: "65336" }

const startReaders = (url: string) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      Bun.spawn([process.execPath, `${import.meta.dir}/programs/readers.ts`, url, String(streams)], {
        env: { ...process.env, ...manyRequests },
        stdout: "pipe",
        stderr: "inherit",
      }),
    ),
    (child) => Effect.sync(() => child.kill("SIGKILL")),
  )

it.live(
  `${streams} answers at the same time come from the provider whole, each delta in its place`,
  () =>
    Effect.gen(function* () {
      const provider = yield* Provider.make
      const gate = new Latch()
      const [first = "", ...rest] = words
      yield* provider.answering(() => answer(first, waitFor(gate), ...rest))
      const server = yield* startServer({
        ...(yield* databaseEnv),
        ...manyRequests,
        OPENAI_BASE_URL: provider.url,
        DEFAULT_MODEL: "openai/scripted",
        TOKENS_LIMIT: "-1",
        // The first to begin waits for the last.
        LLM_IDLE_TIMEOUT: "10 minutes",
      })
      const readers = yield* startReaders(server.url)
      const printed = readStream(new Response(readers.stdout))
      yield* printed.until("begun\n")
      expect(provider.open()).toBe(streams)
      gate.open()

      const { text } = yield* printed.end
      const results: ReadonlyArray<{ chat: string; text: string }> = JSON.parse(text.replace("begun\n", ""))
      expect(new Set(results.map(({ chat }) => chat)).size).toBe(streams)
      for (const result of results) {
        const chunks = parseEvents(result.text).map(({ data }) => JSON.parse(data).data)
        expect(chunks.map(({ index }) => index)).toEqual(chunks.map((_, index) => index))
        expect(new Set(chunks.map(({ chatId }) => chatId))).toEqual(new Set([result.chat]))
        const [prompt, ...said] = chunks.map(({ content }) => content)
        expect([prompt, said.join("")]).toEqual(["hi", words.join("")])
      }
    }),
  { timeout: 180_000 },
)
