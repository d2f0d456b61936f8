import { Effect } from "effect"
import { ConversationId, MessageId, type Place } from "../../conversations/Conversations/Model"
import { LanguageModel, type Turn } from "../../models/LanguageModel"
import { TokenLimitReached } from "../../operations/Usage/Errors"
import type { Actor } from "../../shared/Actor"
import { IdGenerator } from "../../shared/Ids"
import { Node } from "../../shared/Node"
import { estimateTokens, tokensPerTurn } from "../../shared/TokenEstimate"
import { Enclosing } from "./AttachmentLoader"
import { Runs } from "./GenerationRunner"
import { openingEvents } from "./initialEvents"
import {
  GenerationId,
  GenerationSettings,
  type Generation as Run,
  type Saying,
  type Together,
  type Voice,
} from "./Model"
import { Transitions } from "./TransitionsRepo"

/** How runs begin: what is said, and that it is being answered, is written down before anyone is asked. */
export class Beginnings extends Effect.Service<Beginnings>()("Beginnings", {
  dependencies: [Transitions.Default, Runs.Default, Enclosing.Default],
  effect: Effect.gen(function* () {
    const transitions = yield* Transitions
    const model = yield* LanguageModel
    const enclosing = yield* Enclosing
    const node = yield* Node
    const settings = yield* GenerationSettings
    const runs = yield* Runs
    const ids = yield* IdGenerator

    /** Where something that is said is to stand. */
    const placeOf = Effect.fnUntraced(function* (saying: Saying) {
      const { content, attachments = [] } = saying
      const prompt = { id: MessageId.make(yield* ids.generate), content, attachments }
      if ("conversationId" in saying) {
        const { conversationId: id, arena } = saying
        const place: Place = { _tag: "Existing", id, arena, prompt }
        return place
      }
      const id = ConversationId.make(yield* ids.generate)
      const place: Place = { _tag: "New", id, conversation: saying.conversation, prompt }
      return place
    })

    /**
     * Writes the beginning of a run at a place, if it is there: prompt, empty answer, run and the
     * reservation of its tokens are one transaction, or part of the one that is open. Once it is
     * committed, and not before, `go` lets the run go; the answer is written whoever listens.
     */
    const write = Effect.fnUntraced(function* (
      actor: Actor,
      place: Place,
      voice: Voice,
      { at, isFirst }: Together,
    ) {
      const { model: named, system = "", maxOutputTokens: wanted = Number.POSITIVE_INFINITY, ...rest } = voice
      const id = GenerationId.make(yield* ids.generate)
      const modelId = named ?? model.defaultModel
      const answerId = MessageId.make(yield* ids.generate)
      const systemTokens = system === "" ? 0 : estimateTokens(system) + tokensPerTurn
      const most = Math.min(wanted, settings.maxOutputTokens)
      const begun = yield* transitions.begin(actor, {
        call: { id, model: modelId, messages: isFirst ? 1 : 0 },
        place,
        answerId,
        budget: settings.contextTokens - systemTokens,
        systemTokens,
        mostTokens: most,
        owner: node.id,
        now: at,
      })
      if (begun === undefined) return undefined
      if (begun.limited === null) return yield* new TokenLimitReached()
      const instructions: ReadonlyArray<Turn> = system === "" ? [] : [{ role: "system", content: system }]
      const cap = begun.limited ? most : wanted
      const request = {
        ...rest,
        model: modelId,
        ...(cap === Number.POSITIVE_INFINITY ? {} : { maxOutputTokens: cap }),
      }
      const go = runs.begin({
        id,
        model: modelId,
        answerId,
        promptTokens: begun.tokens + systemTokens,
        opening: openingEvents({ ...begun, answerId, model: modelId }),
        speak: (log, asking) =>
          Effect.flatMap(enclosing.told(actor, begun.turns), (turns) => {
            asking()
            return model.speak({ ...request, turns: [...instructions, ...turns] }, (text) => log.say(text))
          }),
      })
      const { conversationId, promptId, startedAt, content, removed } = begun
      const run: Run = {
        id,
        conversationId,
        promptId,
        answerId,
        model: modelId,
        state: "running",
        startedAt,
        endedAt: null,
      }
      return { run, content, removed, go }
    })

    return { placeOf, write }
  }),
}) {}
