import { SqlClient } from "@effect/sql"
import { Duration, Effect, Layer, Option, Stream } from "effect"
import { Assistants } from "../assistants/Assistants"
import type { Assistant } from "../assistants/Assistants/Model"
import { Generations } from "../generation/Generations"
import { type GenerationId, optionsOf } from "../generation/Generations/Model"
import { Posts } from "../messaging/Posts"
import type { SentPost } from "../messaging/Posts/Model"
import type { Actor } from "../shared/Actor"
import { repeatEvery } from "../shared/repeatEvery"
import { withTransaction } from "../shared/Transaction"
import { ChannelAssistantsRepo } from "./ChannelAssistants/Repo"
import { instructionsOf, mentionsIn, promptOf, shownText } from "./ChannelAssistants/Rules"

/** How many replies of a thread, the last ones, a model gets. */
const MAX_REPLIES = 50

/** How often the text of answers is copied into their posts, and so sent as `message.updated`. */
const UPDATE_INTERVAL = Duration.seconds(1)

/**
 * Lets assistants take part in channels: one that is mentioned answers in the thread of that message. The answer is
 * a generation of that message's author, in an archived conversation of theirs, with their limits and at their cost;
 * its post shows what of it is stored. Any node copies that, so that an answer ends also when its node has died.
 * A generation whose post is deleted is stopped.
 */
export const layer = Layer.scopedDiscard(
  Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* ChannelAssistantsRepo
    const assistants = yield* Assistants
    const generations = yield* Generations
    const posts = yield* Posts
    /** The generations that this node has launched and that may be running, with who asked. */
    const launched = new Map<GenerationId, Actor>()

    /** Returns the thread up to a message as a prompt. */
    const readThread = Effect.fnUntraced(function* ({ actor, post }: SentPost) {
      if (post.threadId === null) return promptOf([post])
      const { replies } = yield* posts.thread(actor, post.id, { offset: 0, limit: 1 })
      const range = { offset: Math.max(0, replies.total - MAX_REPLIES), limit: MAX_REPLIES }
      const { parent, replies: last } = yield* posts.thread(actor, post.id, range)
      return promptOf([parent, ...last.items.filter(({ position }) => position <= post.position)])
    })

    /** Inserts the generation and the post that shows it. */
    const create = Effect.fnUntraced(function* (
      { actor, post }: SentPost,
      assistant: Assistant,
      prompt: string,
    ) {
      const created = yield* generations.create(
        actor,
        {
          content: prompt,
          conversation: {
            title: `${assistant.name} in a channel`,
            assistantId: assistant.id,
            isArchived: true,
          },
        },
        { ...optionsOf(assistant), system: instructionsOf(assistant) },
      )
      const { id: generationId } = created.generation
      yield* posts.insertAnswer(actor, post, {
        assistantId: assistant.id,
        generationId,
        state: "running",
        content: "",
      })
      return created
    }, transaction)

    /** Starts the answer to a message that mentions an assistant; one that cannot start is posted as failed. */
    const answer = Effect.fn("ChannelAssistants.answer")(function* (sent: SentPost) {
      const names = mentionsIn(sent.post.content)
      const mentioned = names.length === 0 ? Option.none() : yield* repo.findMentioned(sent.actor, names)
      if (Option.isNone(mentioned)) return
      const assistant = yield* assistants.getVisible(sent.actor, mentioned.value.id)
      const prompt = yield* readThread(sent)
      yield* create(sent, assistant, prompt).pipe(
        Effect.tap(({ generation }) => Effect.sync(() => launched.set(generation.id, sent.actor))),
        Effect.flatMap(generations.launch),
        Effect.uninterruptible,
        Effect.catchTag("TokenLimitReached", "ShuttingDown", ({ message }) =>
          posts.insertAnswer(sent.actor, sent.post, {
            assistantId: assistant.id,
            generationId: null,
            state: "failed",
            content: shownText("", "failed", message),
          }),
        ),
      )
    })

    yield* Stream.runForEach(yield* posts.newPosts, (sent) =>
      Effect.forkScoped(
        Effect.catchAllCause(answer(sent), (cause) =>
          Effect.annotateLogs(Effect.logInfo("an assistant cannot answer", cause), { post: sent.post.id }),
        ),
      ),
    ).pipe(Effect.forkScoped)

    /** Stops the generations whose posts were deleted, with their channels or alone: nobody reads them any more. */
    const stopDeleted = Effect.gen(function* () {
      if (launched.size === 0) return
      const candidates = [...launched]
      const running = yield* repo.listRunning(candidates.map(([id]) => id))
      for (const [id, actor] of candidates) {
        const answer = running.find((generation) => generation.id === id)
        if (answer?.isPosted === false) yield* Effect.ignore(generations.stop(actor, id))
        if (answer?.isPosted !== true) launched.delete(id)
      }
    })

    const update = Effect.gen(function* () {
      yield* stopDeleted
      for (const { id, state, text, error } of yield* repo.listProgress()) {
        const shown = state ?? "interrupted"
        yield* posts.updateAnswer(id, shownText(text, shown, error), shown)
      }
    })
    yield* repeatEvery(UPDATE_INTERVAL, update)
  }),
).pipe(Layer.provide(ChannelAssistantsRepo.Default))
