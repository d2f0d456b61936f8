import { Duration, Effect } from "effect"
import { Conversations } from "../conversations/Conversations"
import type { ConversationId } from "../conversations/Conversations/Model"
import type { Actor } from "../shared/Actor"
import { truncateAtWord } from "../shared/Text"
import { Completions } from "./OneShotCompletions"
import { instructions, mostTitleTokens, shorten, titleFrom } from "./Titles/Rules"

/** How long a model may think about a title. */
const patience = Duration.seconds(20)

/** Names for conversations whose users gave them none. */
export class Titles extends Effect.Service<Titles>()("Titles", {
  effect: Effect.gen(function* () {
    const conversations = yield* Conversations
    const completions = yield* Completions

    const ask = (
      actor: Actor,
      modelId: string,
      first: { readonly prompt: string; readonly answer: string },
    ) =>
      completions
        .complete(actor, {
          model: modelId,
          turns: [
            { role: "system", content: instructions },
            { role: "user", content: `${shorten(first.prompt)}\n\n---\n\n${shorten(first.answer)}` },
          ],
          maxOutputTokens: mostTitleTokens,
        })
        .pipe(Effect.timeoutFail({ duration: patience, onTimeout: () => "too late" as const }))

    /**
     * Finds a title for a conversation by its first exchange, unless it has one that a person gave.
     * Where the model gives none, the prompt's first words do. The title, if it was taken.
     */
    const find = Effect.fn("Titles.find")(function* (
      actor: Actor,
      conversation: { readonly id: ConversationId; readonly model: string },
      first: { readonly prompt: string; readonly answer: string },
    ) {
      const given = yield* ask(actor, conversation.model, first).pipe(
        Effect.map(({ text }) => titleFrom(text)),
        Effect.orElseSucceed(() => undefined),
      )
      const title = given ?? truncateAtWord(first.prompt)
      const taken = yield* conversations.entitle(conversation.id, title)
      return taken ? title : undefined
    })

    return { find }
  }),
}) {}
