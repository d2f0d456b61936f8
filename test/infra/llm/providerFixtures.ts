import { Chunk, ConfigProvider, Effect, Layer, Logger, LogLevel, Stream } from "effect"
import {
  LanguageModel,
  type ModelError,
  type ModelRequest,
  type Spoken,
} from "../../../src/domain/models/LanguageModel"
import * as Llm from "../../../src/infra/llm/LanguageModel"
import { Provider } from "../../support/Provider"

/** The port over these settings and no others. */
export const configured = (settings: Readonly<Record<string, string>>) =>
  Effect.provide(
    LanguageModel,
    Llm.layer.pipe(
      Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(settings))))),
    ),
  )

export const request: ModelRequest = {
  model: "openai/scripted",
  turns: [{ role: "user", content: "Hello there" }],
}

/** What a model says, as a stream: text as it comes, then how it ended. */
type Part = { readonly _tag: "Delta"; readonly text: string } | ({ readonly _tag: "Finished" } & Spoken)

export const spoken = (model: typeof LanguageModel.Service, request: ModelRequest) =>
  Stream.asyncPush<Part, ModelError>((emit) =>
    model
      .speak(request, (text) => emit.single({ _tag: "Delta", text }))
      .pipe(
        Effect.matchCause({
          onFailure: (cause) => emit.halt(cause),
          onSuccess: (ending) => {
            emit.single({ _tag: "Finished", ...ending })
            emit.end()
          },
        }),
        Effect.forkScoped,
      ),
  )

/** A scripted provider, and the port pointed at it as OpenAI; retries are quick. */
export const withProvider = (settings: Readonly<Record<string, string>> = {}) =>
  Effect.gen(function* () {
    const provider = yield* Provider.make
    const model = yield* configured({
      OPENAI_BASE_URL: provider.url,
      OPENAI_API_KEY: "sk-test-secret",
      LLM_RETRY_DELAY: "1 millis",
      ...settings,
    })
    return { provider, model, stream: spoken(model, request), complete: quietly(model.complete(request)) }
  })

/** Failures are scripted here by the dozen: nobody wants to read about them. */
export const quietly = Logger.withMinimumLogLevel(LogLevel.None)

const textOf = (parts: Iterable<Part>) =>
  [...parts].map((part) => (part._tag === "Delta" ? part.text : "")).join("")

/** Reads a stream to its end: all text before it, then its last part or the error that ended it. */
export const readAll = <E>(stream: Stream.Stream<Part, E>) =>
  Effect.gen(function* () {
    const parts: Array<Part> = []
    const reading = Stream.runForEachChunk(stream, (chunk) =>
      Effect.sync(() => parts.push(...Chunk.toArray(chunk))),
    )
    const ending = yield* Effect.either(quietly(reading))
    const last = parts.at(-1)
    return {
      text: textOf(parts),
      finished: last?._tag === "Finished" ? last : undefined,
      error: ending._tag === "Left" ? ending.left : undefined,
    }
  })
