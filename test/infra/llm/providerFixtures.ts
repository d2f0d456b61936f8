import { Chunk, Effect, Logger, LogLevel, Stream } from "effect"
import {
  LanguageModel,
  type ModelError,
  type ModelRequest,
  type StreamResult,
} from "../../../src/domain/models/LanguageModel"
import * as Llm from "../../../src/infra/llm/LanguageModel"
import { Provider } from "../../support/ScriptedProvider"
import { withConfig } from "../../support/withConfig"

/** Builds the port from this configuration and no other. */
export const makeModel = (config: Readonly<Record<string, string>>) =>
  Effect.provide(LanguageModel, Llm.layer.pipe(withConfig(config)))

export const request: ModelRequest = {
  model: "openai/scripted",
  messages: [{ role: "user", content: "Hello there" }],
}

/** A part of a streamed answer: text and reasoning as they arrive, then the result. */
type StreamPart =
  | { readonly _tag: "Delta" | "Reasoning"; readonly text: string }
  | ({ readonly _tag: "Finished" } & StreamResult)

export const streamAnswer = (model: typeof LanguageModel.Service, request: ModelRequest) =>
  Stream.asyncPush<StreamPart, ModelError>((emit) =>
    model
      .stream(
        request,
        (text) => emit.single({ _tag: "Delta", text }),
        (text) => emit.single({ _tag: "Reasoning", text }),
      )
      .pipe(
        Effect.matchCause({
          onFailure: (cause) => emit.halt(cause),
          onSuccess: (result) => {
            emit.single({ _tag: "Finished", ...result })
            emit.end()
          },
        }),
        Effect.forkScoped,
      ),
  )

/** Creates a scripted provider and the port configured with it as OpenAI; retries are fast. */
export const withProvider = (config: Readonly<Record<string, string>> = {}) =>
  Effect.gen(function* () {
    const provider = yield* Provider.make
    const model = yield* makeModel({
      OPENAI_BASE_URL: provider.url,
      OPENAI_API_KEY: "sk-test-secret",
      LLM_RETRY_DELAY: "1 millis",
      ...config,
    })
    return {
      provider,
      model,
      stream: streamAnswer(model, request),
      complete: withoutLogs(model.complete(request)),
    }
  })

/** Silences logs: these tests script dozens of failures. */
export const withoutLogs = Logger.withMinimumLogLevel(LogLevel.None)

const textOf = (parts: Iterable<StreamPart>, tag: "Delta" | "Reasoning") =>
  [...parts].map((part) => (part._tag === tag ? part.text : "")).join("")

/** Reads a stream to its end and returns all text and reasoning with the last part, or the error that ended it. */
export const readAll = <E>(stream: Stream.Stream<StreamPart, E>) =>
  Effect.gen(function* () {
    const parts: Array<StreamPart> = []
    const reading = Stream.runForEachChunk(stream, (chunk) =>
      Effect.sync(() => parts.push(...Chunk.toArray(chunk))),
    )
    const result = yield* Effect.either(withoutLogs(reading))
    const last = parts.at(-1)
    const reasoning = textOf(parts, "Reasoning")
    return {
      text: textOf(parts, "Delta"),
      ...(reasoning === "" ? {} : { reasoning }),
      finished: last?._tag === "Finished" ? last : undefined,
      error: result._tag === "Left" ? result.left : undefined,
    }
  })
