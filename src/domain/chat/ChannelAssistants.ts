import { SqlClient } from "@effect/sql"
import { Duration, Effect, Layer, Option, Stream } from "effect"
import { Assistants } from "../assistants/Assistants"
import type { Assistant } from "../assistants/Assistants/Model"
import { Generations } from "../generation/Generations"
import { type GenerationId, optionsOf } from "../generation/Generations/Model"
import { Posts } from "../messaging/Posts"
import type { PostId, SentPost } from "../messaging/Posts/Model"
import { type Actor, SessionId } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import { confirmDeadNodes, findDeadNodes, Node } from "../shared/Node"
import { repeatEvery } from "../shared/repeatEvery"
import { withTransaction } from "../shared/Transaction"
import { ChannelAssistantsRepo } from "./ChannelAssistants/Repo"
import { instructionsOf, mentionsIn, promptOf, shownText } from "./ChannelAssistants/Rules"

/** How many replies of a thread, the last ones, a model gets. */
const MAX_REPLIES = 50

/** How often the text of answers is copied into their posts, and so sent as `message.updated`. */
const UPDATE_INTERVAL = Duration.seconds(1)

/** How often a node looks for mentions that a dead node has not handled. */
const TAKEOVER_INTERVAL = Duration.seconds(30)

/**
 * Lets assistants take part in channels: one that is mentioned answers in the thread of that message. The answer is
 * a generation of that message's author, in an archived conversation of theirs, with their limits and at their cost;
 * its post shows what of it is stored. Any node copies that, so that an answer ends also when its node has died.
 * A generation whose post is deleted is stopped. What a message mentions belongs to a node until it has handled
 * that, so that a mention is answered once, also when its node dies before.
 */
export const layer = Layer.scopedDiscard(
  Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* ChannelAssistantsRepo
    const assistants = yield* Assistants
    const generations = yield* Generations
    const posts = yield* Posts
    const node = yield* Node
    const ids = yield* IdGenerator
    const scope = yield* Effect.scope
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

    /** Inserts the generation and the post that shows it. Returns undefined if the message is gone or handled. */
    const create = Effect.fnUntraced(function* (
      { actor, post }: SentPost,
      assistant: Assistant,
      prompt: string,
    ) {
      if (!(yield* repo.finishMention(post.id, node.id))) return undefined
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

    /** Inserts a post that says why an assistant cannot answer. */
    const insertFailure = Effect.fnUntraced(function* (
      { actor, post }: SentPost,
      { id: assistantId }: Assistant,
      reason: string,
    ) {
      if (!(yield* repo.finishMention(post.id, node.id))) return
      const content = shownText("", "failed", reason)
      yield* posts.insertAnswer(actor, post, { assistantId, generationId: null, state: "failed", content })
    }, transaction)

    /** Starts the answer to a message that mentions an assistant; one that cannot start is posted as failed. */
    const answer = Effect.fn("ChannelAssistants.answer")(function* (sent: SentPost) {
      const names = mentionsIn(sent.post.content)
      const mentioned = names.length === 0 ? Option.none() : yield* repo.findMentioned(sent.actor, names)
      if (Option.isNone(mentioned)) return
      const assistant = yield* assistants.getVisible(sent.actor, mentioned.value.id)
      const prompt = yield* readThread(sent)
      yield* create(sent, assistant, prompt).pipe(
        Effect.flatMap((created) => {
          if (created === undefined) return Effect.void
          launched.set(created.generation.id, sent.actor)
          return generations.launch(created)
        }),
        Effect.uninterruptible,
        Effect.catchTag("TokenLimitReached", "ShuttingDown", ({ message }) =>
          insertFailure(sent, assistant, message),
        ),
      )
    })

    /** Handles the mentions in a message in the background. Shutdown interrupts it, and another node takes over. */
    const handle = (postId: PostId, answering: Effect.Effect<void, unknown>) =>
      answering.pipe(
        Effect.catchAllCause((cause) =>
          Effect.annotateLogs(Effect.logInfo("an assistant cannot answer", cause), { post: postId }),
        ),
        Effect.zipRight(repo.finishMention(postId, node.id)),
        Effect.forkIn(scope),
      )

    yield* Stream.runForEach(yield* posts.newPosts, (sent) =>
      Effect.when(handle(sent.post.id, answer(sent)), () => sent.post.content.includes("@")),
    ).pipe(Effect.forkScoped)

    /** Handles the mentions that dead nodes have not handled, on behalf of the messages' authors. */
    const takeOver = Effect.fnUntraced(function* (findDead: typeof findDeadNodes) {
      for (const owner of yield* findDead(node, yield* repo.mentionOwners))
        for (const { postId, author } of yield* repo.takeMentions(owner, node.id)) {
          // The author may have signed out: the answer belongs to no session.
          const sessionId = SessionId.make(yield* ids.generate)
          const answering = Effect.gen(function* () {
            if (author === null) return
            const actor: Actor = { ...author, sessionId }
            yield* answer({ actor, post: yield* posts.get(actor, postId) })
          })
          yield* handle(postId, answering)
        }
    })
    yield* Effect.forkScoped(
      Effect.catchAllCause(takeOver(findDeadNodes), (cause) =>
        Effect.logWarning("taking over mentions failed", cause),
      ),
    )
    yield* repeatEvery(TAKEOVER_INTERVAL, takeOver(confirmDeadNodes))

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
