import { Duration, Effect } from "effect"
import { Conversations } from "../conversations/Conversations"
import type { ConversationId } from "../conversations/Conversations/Model"
import type { Actor } from "../shared/Actor"
import { truncateAtWord } from "../shared/Text"
import { Completions } from "./Completions"
import { instructions, maxTitleTokens, parseTitle, truncate } from "./Titles/Rules"

/** How long to wait for a title from the model. */
const timeout = Duration.seconds(20)

/** Generates titles for conversations whose users chose none. */
export class Titles extends Effect.Service<Titles>()("Titles", {
  effect: Effect.gen(function* () {
    const conversations = yield* Conversations
    const completions = yield* Completions

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
        .pipe(Effect.timeoutFail({ duration: timeout, onTimeout: () => "timeout" as const }))

    /**
     * Generates a title for a conversation from its first exchange and sets it, unless the user has
     * chosen one. Falls back to the first words of the prompt when the model returns none. Returns the
     * title if it was set.
     */
    const generateTitle = Effect.fn("Titles.generateTitle")(function* (
      actor: Actor,
      conversation: { readonly id: ConversationId; readonly model: string },
      first: { readonly prompt: string; readonly answer: string },
    ) {
      const generated = yield* requestTitle(actor, conversation.model, first).pipe(
        Effect.map(({ text }) => parseTitle(text)),
        Effect.orElseSucceed(() => undefined),
      )
      const title = generated ?? truncateAtWord(first.prompt)
      const isSet = yield* conversations.setTitleIfUnset(conversation.id, title)
      return isSet ? title : undefined
    })

    return { generateTitle }
  }),
}) {}
