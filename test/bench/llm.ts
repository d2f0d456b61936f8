import { ConfigProvider, Effect, Layer, ManagedRuntime } from "effect"
import OpenAI from "openai"
import { LanguageModel } from "../../src/domain/models/LanguageModel"
import * as Llm from "../../src/infra/llm/LanguageModel"

/** CPU of this process per streamed delta, against reading the provider's bytes and nothing else. */
const streams = 50
const deltas = 200
const every = 5
const rounds = Number(process.argv[2] ?? 5)

const provider = Bun.spawn(
  [
    process.execPath,
    `${import.meta.dir}/../support/Provider.ts`,
    "--deltas",
    `${deltas}`,
    "--every",
    `${every}`,
  ],
  { stdout: "pipe", stderr: "inherit" },
)
const first = await provider.stdout.getReader().read()
const url = new TextDecoder().decode(first.value).trim()

const messages = [{ role: "user" as const, content: "Hello" }]
const asking = { model: "scripted", messages, stream: true as const, stream_options: { include_usage: true } }
const client = new OpenAI({ apiKey: "none", baseURL: url, maxRetries: 0 })
const settings = ConfigProvider.fromMap(new Map([["OPENAI_BASE_URL", url]]))
const runtime = ManagedRuntime.make(Llm.layer.pipe(Layer.provide(Layer.setConfigProvider(settings))))
const request = { model: "openai/scripted", turns: messages }

let characters = 0
const hear = (text: string) => {
  characters += text.length
}

const ways: Readonly<Record<string, () => Promise<void>>> = {
  "bytes read": async () => {
    const body = JSON.stringify(asking)
    const response = await fetch(`${url}/chat/completions`, { method: "POST", body })
    for await (const bytes of response.body ?? []) characters += bytes.length
  },
  "openai iterated": async () => {
    for await (const chunk of await client.chat.completions.create(asking)) {
      characters += chunk.choices[0]?.delta.content?.length ?? 0
    }
  },
  LanguageModel: () =>
    runtime.runPromise(Effect.flatMap(LanguageModel, (model) => Effect.asVoid(model.speak(request, hear)))),
}

const measured = new Map<string, Array<number>>()
for (let round = 0; round <= rounds; round++) {
  for (const [name, way] of Object.entries(ways)) {
    const before = process.cpuUsage()
    await Promise.all(Array.from({ length: streams }, way))
    const { user, system } = process.cpuUsage(before)
    // The first round warms up.
    if (round > 0) measured.set(name, [...(measured.get(name) ?? []), (user + system) / (streams * deltas)])
  }
}

const median = (values: ReadonlyArray<number>) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0
const baseline = median(measured.get("bytes read") ?? [])
for (const [name, values] of measured) {
  const micros = median(values)
  process.stdout.write(
    `${name.padEnd(26)} ${micros.toFixed(1).padStart(6)} µs/delta ${(micros / baseline).toFixed(2)}\n`,
  )
}
provider.kill()
await runtime.dispose()
process.exit(characters > 0 ? 0 : 1)
