import { Duration, Effect } from "effect"
import { Conversations } from "../conversations/Conversations"
import { ConversationEmpty } from "../conversations/Conversations/Errors"
import type { Conversation, ConversationId } from "../conversations/Conversations/Model"
import { describeFailure } from "../generation/Generations/Errors"
import type { Actor } from "../shared/Actor"
import { ChangeFeed } from "../shared/ChangeFeed"
import { CurrentSettings } from "../shared/CurrentSettings"
import { truncateAtWord } from "../shared/Text"
import { GenerationFailed } from "./Chat/Errors"
import { Completions } from "./Completions"
import { instructions, maxTitleTokens, parseTitle, truncate } from "./Titles/Rules"

/** How long to wait for a title from the model. */
const timeout = Duration.seconds(20)

/** Generates titles for conversations whose users chose none. */
export class Titles extends Effect.Service<Titles>()("Titles", {
  effect: Effect.gen(function* () {
    const conversations = yield* Conversations
    const feed = yield* ChangeFeed
    const completions = yield* Completions
    const settings = yield* CurrentSettings

    const requestTitle = (
      actor: Actor,
      modelId: string,
      first: { readonly prompt: string; readonly answer: string },
    ) =>
      completions
        .complete(actor, {
          model: modelId,
          messages: [
            { role: "system", content: instructions },
            { role: "user", content: `${truncate(first.prompt)}\n\n---\n\n${truncate(first.answer)}` },
          ],
          maxOutputTokens: maxTitleTokens,
        })
        .pipe(
          Effect.timeoutFail({
            duration: timeout,
            onTimeout: () =>
              new GenerationFailed({ code: "MODEL_TIMED_OUT", message: "The model took too long." }),
          }),
          Effect.mapError((error) =>
            error._tag === "TokenLimitReached" || error._tag === "GenerationFailed"
              ? error
              : new GenerationFailed(describeFailure(error)),
          ),
          Effect.map(({ text }) => parseTitle(text)),
        )

    /**
     * Generates a title for a conversation from its first exchange and sets it, unless the user has
     * chosen one. Falls back to the first words of the prompt when the model returns none. Returns the
     * title if it was set.
     */
    const generateTitle = Effect.fn("Titles.generateTitle")(function* (
      actor: Actor,
      conversation: Pick<Conversation, "id" | "projectId">,
      model: string,
      first: { readonly prompt: string; readonly answer: string },
    ) {
      const generated = yield* Effect.orElseSucceed(requestTitle(actor, model, first), () => undefined)
      const title = generated ?? truncateAtWord(first.prompt)
      const isSet = yield* conversations.setTitleIfUnset(conversation.id, title)
      if (!isSet) return undefined
      yield* feed.publishLater({
        entity: "chat",
        action: "updated",
        id: conversation.id,
        userIds: [actor.userId],
        scopeId: conversation.projectId,
      })
      return title
    })

    /**
     * Generates a title for a conversation from its first messages and stores it, even if the user has
     * chosen one. Rejects with GenerationFailed when the model returns none.
     */
    const replaceTitle = Effect.fn("Titles.replaceTitle")(function* (actor: Actor, id: ConversationId) {
      yield* conversations.getOwn(actor, id)
      const { items } = yield* conversations.messagesWithMetadata(actor, id, { offset: 0, limit: 2 })
      const [first, second] = items
      if (first === undefined) return yield* new ConversationEmpty()
      const model = second?.metadata?.model ?? settings.get().defaultModel
      const title = yield* requestTitle(actor, model, {
        prompt: first.content,
        answer: second?.content ?? "",
      })
      if (title === undefined) {
        return yield* new GenerationFailed({
          code: "INVALID_PROVIDER_RESPONSE",
          message: "The model returned no title.",
        })
      }
      yield* conversations.update(actor, id, { title })
      return title
    })

    return { generateTitle, replaceTitle }
  }),
}) {}
