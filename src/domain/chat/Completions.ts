import { Cause, Deferred, Duration, Effect, Exit, Fiber, FiberId, Option } from "effect"
import { describeFailure, internalError } from "../generation/Generations/Errors"
import { GenerationSettings } from "../generation/Generations/Model"
import { AccountClosures } from "../identity/AccountClosures"
import {
  EmptyResponse,
  LanguageModel,
  type ModelError,
  type ModelRequest,
  type StreamResult,
  type TokenUsage,
} from "../models/LanguageModel"
import { ModelCatalog } from "../models/ModelCatalog"
import { Models } from "../models/Models"
import { ModelStreams } from "../operations/ModelStreams"
import { Usage } from "../operations/Usage"
import type { Actor } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import { estimateTokens, fitAnswer, tokensPerMessage } from "../shared/TokenEstimate"
import { CompletionBuffer } from "./Completions/CompletionBuffer"
import type { CompletionEvent, CompletionResult, CompletionStream } from "./Completions/Model"

/** How long a completion waits for its reader before its model call is aborted. */
const maxReaderDelay = Duration.seconds(30)

/** A call whose maximum cost is reserved. */
interface ReservedCall {
  readonly id: string
  readonly request: ModelRequest
  /** The model as the ledger names it: with its provider. */
  readonly model: string
  /** An estimate, used when the provider reports no token counts. */
  readonly promptTokens: number
}

/** Returns the usage to charge for a call that failed after this output. A failure without output costs nothing. */
const usageOfFailure = (cause: Cause.Cause<ModelError>, promptTokens: number, output: string): TokenUsage => {
  const consumed = { promptTokens, completionTokens: estimateTokens(output) }
  if (Cause.isInterrupted(cause)) return consumed
  const failure = Option.getOrUndefined(Cause.failureOption(cause))
  if (failure?._tag === "EmptyResponse") return failure.usage ?? consumed
  return output === "" ? { promptTokens: 0, completionTokens: 0 } : consumed
}

/** Returns the last event of a completion. */
const endOf = (exit: Exit.Exit<StreamResult, ModelError>, usage: TokenUsage): CompletionEvent => {
  if (Exit.isSuccess(exit)) return { type: "completed", reason: exit.value.reason, usage }
  if (Cause.isInterruptedOnly(exit.cause)) {
    const message = "The server shut down while generating this answer."
    return { type: "failed", error: { code: "INTERRUPTED", message } }
  }
  const failure = Cause.failureOption(exit.cause)
  return {
    type: "failed",
    error: Option.match(failure, { onNone: () => internalError, onSome: describeFailure }),
  }
}

/**
 * Model calls outside of conversations, charged to the user. Nothing of them is stored but their usage, and
 * a caller that goes away cancels its call. Calls on an account of the user's own do not count towards the
 * token limit.
 */
export class Completions extends Effect.Service<Completions>()("Completions", {
  scoped: Effect.gen(function* () {
    const languageModel = yield* LanguageModel
    const catalog = yield* ModelCatalog
    const models = yield* Models
    const modelStreams = yield* ModelStreams
    const closures = yield* AccountClosures
    const usage = yield* Usage
    const ids = yield* IdGenerator
    const settings = yield* GenerationSettings
    const scope = yield* Effect.scope

    /** Reserves the tokens of a call, and limits its answer to them if the user has a limit. */
    const reserve = Effect.fnUntraced(function* (actor: Actor, request: ModelRequest) {
      const id = yield* ids.generate
      const { account, maxOutputTokens = Number.POSITIVE_INFINITY } = request
      const model = account === undefined ? request.model : `${account.provider}/${request.model}`
      const promptTokens = request.messages.reduce(
        (sum, { content }) => sum + estimateTokens(content) + tokensPerMessage,
        0,
      )
      const call: ReservedCall = { id, request, model, promptTokens }
      if (account !== undefined) {
        yield* usage.reserve(actor, { id, model, tokens: 0, messages: 0, isMetered: false })
        return call
      }
      const contextLength = models.contextLengthOf(model)
      const cappedTokens = fitAnswer(
        Math.min(maxOutputTokens, settings.maxOutputTokens),
        promptTokens,
        contextLength,
      )
      const tokens = promptTokens + cappedTokens
      const limited = yield* usage.reserve(actor, { id, model, tokens, messages: 0 })
      const maxTokens = limited ? cappedTokens : fitAnswer(maxOutputTokens, promptTokens, contextLength)
      return maxOutputTokens === Number.POSITIVE_INFINITY && !limited
        ? call
        : { ...call, request: { ...request, maxOutputTokens: maxTokens } }
    })

    /** Settles a call. What a call on the user's own account costs is unknown: it is not the server's price. */
    const settle = ({ id, model, request }: ReservedCall, used: TokenUsage) =>
      usage.settle(id, used, request.account === undefined ? models.priceOf(model) : null)

    /**
     * Returns a complete answer. Reserves the tokens before the call and settles them afterwards, as any
     * call does, but counts no message. A failure costs nothing, except an empty response, whose
     * reasoning is charged; interruption costs the prompt.
     */
    const complete = Effect.fn("Completions.complete")((actor: Actor, request: ModelRequest) =>
      Effect.acquireUseRelease(
        reserve(actor, request),
        (call) =>
          languageModel.complete(call.request).pipe(
            closures.interruptOnClosure(actor.userId),
            Effect.map(({ text, reasoning = "", reason, usage }): CompletionResult => {
              const completionTokens = estimateTokens(reasoning + text)
              const estimate = { promptTokens: call.promptTokens, completionTokens }
              return { text, reason, usage: usage ?? estimate }
            }),
          ),
        (call, exit) =>
          settle(
            call,
            Exit.match(exit, {
              onSuccess: (result) => result.usage,
              onFailure: (cause) => usageOfFailure(cause, call.promptTokens, ""),
            }),
          ),
      ),
    )

    /** Streams the model's answer into the buffer, until a limit of duration or length ends it. */
    const callModel = (actor: Actor, { id, model, request }: ReservedCall, buffer: CompletionBuffer) => {
      const isFull = Deferred.unsafeMake<void>(FiberId.none)
      const checkLength = () => {
        if (buffer.reasoning.length + buffer.text.length < settings.maxAnswerChars) return
        Deferred.unsafeDone(isFull, Exit.void)
      }
      const onDelta = (text: string) => {
        buffer.append(text)
        checkLength()
      }
      const onReasoning = (reasoning: string) => {
        buffer.reasoning += reasoning
        checkLength()
      }
      const provider = request.account?.provider ?? catalog.providerOf(model) ?? "unknown"
      const limit = Effect.raceFirst(Deferred.await(isFull), Effect.sleep(settings.maxDuration))
      const cutOff: Effect.Effect<StreamResult, ModelError> = Effect.suspend(() =>
        buffer.text === ""
          ? new EmptyResponse({ reason: "length", usage: undefined })
          : Effect.succeed<StreamResult>({ reason: "length", usage: undefined }),
      )
      return Effect.raceFirst(
        modelStreams.track(
          { id, userId: actor.userId, provider },
          languageModel.stream(request, onDelta, onReasoning),
        ),
        Effect.zipRight(limit, cutOff),
      ).pipe(closures.interruptOnClosure(actor.userId))
    }

    /** Calls the model, settles the call, and only then shows the end to the reader. */
    const run = (actor: Actor, call: ReservedCall, buffer: CompletionBuffer) =>
      Effect.exit(Effect.interruptible(callModel(actor, call, buffer))).pipe(
        Effect.tap((exit) => {
          buffer.flush()
          const { promptTokens } = call
          const output = buffer.reasoning + buffer.text
          const used = Exit.match(exit, {
            onSuccess: (result) => result.usage ?? { promptTokens, completionTokens: estimateTokens(output) },
            onFailure: (cause) => usageOfFailure(cause, promptTokens, output),
          })
          return Effect.matchCauseEffect(settle(call, used), {
            onSuccess: () => Effect.sync(() => buffer.finish(endOf(exit, used))),
            onFailure: (cause) =>
              Effect.zipRight(
                Effect.logError("completion settlement failed", cause),
                Effect.sync(() => buffer.finish({ type: "failed", error: internalError })),
              ),
          })
        }),
        Effect.uninterruptible,
      )

    /**
     * Streams an answer, reserved and settled as by `complete`. Returns once the first text has arrived, and
     * fails if the call ends before. Whatever text has arrived when a call fails or is aborted is charged.
     */
    const stream = Effect.fn("Completions.stream")((actor: Actor, request: ModelRequest) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const call = yield* reserve(actor, request)
          let isOpen = false
          const close = () => fiber.unsafeInterruptAsFork(FiberId.none)
          const buffer = new CompletionBuffer(Duration.toMillis(settings.coalesceWindow), close)
          const started = Effect.async<void>((resume) => Effect.sync(buffer.await(() => resume(Effect.void))))
          const fiber: Fiber.RuntimeFiber<Exit.Exit<StreamResult, ModelError>> = yield* Effect.forkIn(
            run(actor, call, buffer),
            scope,
          )
          yield* restore(started).pipe(Effect.onInterrupt(() => Fiber.interrupt(fiber)))
          if (buffer.text === "") yield* yield* Fiber.join(fiber)
          const abortUnread = Effect.suspend(() => (isOpen ? Effect.void : Fiber.interruptFork(fiber)))
          yield* Effect.forkIn(Effect.interruptible(Effect.delay(abortUnread, maxReaderDelay)), scope)
          const open: CompletionStream = () => {
            isOpen = true
            return buffer
          }
          return open
        }),
      ),
    )

    return { complete, stream }
  }),
}) {}
