import { ConfigProvider, Effect, Layer, ManagedRuntime } from "effect"
import OpenAI from "openai"
import { LanguageModel } from "../../src/domain/models/LanguageModel"
import * as Llm from "../../src/infra/llm/LanguageModel"

/** Measures the CPU time per streamed delta, against only reading the provider's bytes. */
const streams = 50
const deltas = 200
const deltaInterval = 5
const rounds = Number(process.argv[2] ?? 5)

const provider = Bun.spawn(
  [
    process.execPath,
    `${import.meta.dir}/../support/ScriptedProvider.ts`,
    "--deltas",
    `${deltas}`,
    "--every",
    `${deltaInterval}`,
  ],
  { stdout: "pipe", stderr: "inherit" },
)
const first = await provider.stdout.getReader().read()
const url = new TextDecoder().decode(first.value).trim()

const messages = [{ role: "user" as const, content: "Hello" }]
const requestBody = {
  model: "scripted",
  messages,
  stream: true as const,
  stream_options: { include_usage: true },
}
const client = new OpenAI({ apiKey: "none", baseURL: url, maxRetries: 0 })
const settings = ConfigProvider.fromMap(new Map([["OPENAI_BASE_URL", url]]))
const runtime = ManagedRuntime.make(Llm.layer.pipe(Layer.provide(Layer.setConfigProvider(settings))))
const request = { model: "openai/scripted", messages }

let characters = 0
const onDelta = (text: string) => {
  characters += text.length
}

const variants: Readonly<Record<string, () => Promise<void>>> = {
  "bytes read": async () => {
    const body = JSON.stringify(requestBody)
    const response = await fetch(`${url}/chat/completions`, { method: "POST", body })
    for await (const bytes of response.body ?? []) characters += bytes.length
  },
  "openai iterated": async () => {
    for await (const chunk of await client.chat.completions.create(requestBody)) {
      characters += chunk.choices[0]?.delta.content?.length ?? 0
    }
  },
  LanguageModel: () =>
    runtime.runPromise(
      Effect.flatMap(LanguageModel, (model) => Effect.asVoid(model.stream(request, onDelta))),
    ),
}

const measurements = new Map<string, Array<number>>()
for (let round = 0; round <= rounds; round++) {
  for (const [name, variant] of Object.entries(variants)) {
    const before = process.cpuUsage()
    await Promise.all(Array.from({ length: streams }, variant))
    const { user, system } = process.cpuUsage(before)
    // The first round warms up.
    if (round > 0)
      measurements.set(name, [...(measurements.get(name) ?? []), (user + system) / (streams * deltas)])
  }
}

const median = (values: ReadonlyArray<number>) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0
const baseline = median(measurements.get("bytes read") ?? [])
for (const [name, values] of measurements) {
  const micros = median(values)
  process.stdout.write(
    `${name.padEnd(26)} ${micros.toFixed(1).padStart(6)} µs/delta ${(micros / baseline).toFixed(2)}\n`,
  )
}
provider.kill()
await runtime.dispose()
process.exit(characters > 0 ? 0 : 1)
