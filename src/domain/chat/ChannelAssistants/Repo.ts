import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import { AssistantId } from "../../assistants/Assistants/Model"
import { GenerationId, GenerationState } from "../../generation/Generations/Model"
import { PostId } from "../../messaging/Posts/Model"
import { type Actor, Role, UserId } from "../../shared/Actor"
import { findAll, findColumn, findOne, hasRow } from "../../shared/Rows"

/** How many answers are looked at in one statement. */
const BATCH_SIZE = 200

/** An answer whose generation has more text, or another state, than its post shows. */
const Progress = Schema.Struct({
  id: PostId,
  /** Null if the generation was deleted with the asker's account. */
  state: Schema.NullOr(GenerationState),
  text: Schema.String,
  error: Schema.NullOr(Schema.String),
})

const RunningAnswer = Schema.Struct({ id: GenerationId, isPosted: Schema.Boolean })

/** A message that may mention an assistant; without an author if there is no active account of that author. */
const OpenMention = Schema.Struct({
  postId: PostId,
  author: Schema.NullOr(Schema.Struct({ userId: UserId, role: Role })),
})

export class ChannelAssistantsRepo extends Effect.Service<ChannelAssistantsRepo>()("ChannelAssistantsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /**
     * Finds the assistant that the first of these names mentions: one of the actor's own, then one from their
     * collection, then a template. Others in the gallery do not answer, so that no one can take over a name there.
     */
    const findMentioned = ({ userId }: Actor, names: ReadonlyArray<string>) =>
      sql`
        select id from (
          select a.id, a.name, 1 as rank from assistants a where a.owner_id = ${userId}
          union all
          select a.id, a.name, 2 from assistants a join assistant_saves s on s.assistant_id = a.id
          where s.user_id = ${userId} and a.visibility <> 'private'
          union all
          select a.id, a.name, 3 from assistants a where a.visibility in ('template', 'built_in')
        ) a
        where assistant_username(name) = any(${names}::text[])
        order by array_position(${names}::text[], assistant_username(name)), rank, id limit 1`.pipe(
        findOne(Schema.Struct({ id: AssistantId })),
      )

    /** Lists the answers that are not final and whose generation goes on or has ended. */
    const listProgress = () =>
      sql`
        select p.id, g.state, coalesce(m.content, p.content) as text, case when g.state = 'failed' then (
          select l.events -> -1 -> 'error' ->> 'message' from generation_log l where l.generation_id = g.id
          order by l.first_seq desc limit 1
        ) end as error
        from posts p left join generations g on g.id = p.generation_id left join messages m on m.id = g.answer_id
        where p.answer_state = 'running' and (g.state is distinct from 'running' or m.content <> p.content)
        order by p.id limit ${BATCH_SIZE}`.pipe(findAll(Progress))

    /** Lists those of these generations that are running, and whether their posts are there. */
    const listRunning = (ids: ReadonlyArray<GenerationId>) =>
      sql`
        select g.id, exists (select from posts p where p.generation_id = g.id) as "isPosted"
        from generations g where g.id = any(${ids}::uuid[]) and g.state = 'running'`.pipe(
        findAll(RunningAnswer),
      )

    /** Records that a node has handled the mentions in a message. Returns false if they are not that node's. */
    const finishMention = (postId: PostId, owner: number) =>
      sql`
        update posts set mention_owner = null where id = ${postId} and mention_owner = ${owner} returning id`.pipe(
        hasRow,
      )

    /** The nodes that have mentions to handle. */
    const mentionOwners = sql`
      select distinct mention_owner as owner from posts where mention_owner is not null`.pipe(
      findColumn("owner", Schema.Int),
    )

    /** Makes mentions of a dead node another one's. Returns their messages in the order of sending. */
    const takeMentions = (owner: number, newOwner: number) =>
      sql`
        with taken as (
          update posts set mention_owner = ${newOwner} where mention_owner = ${owner} returning id, author_id
        )
        select t.id as "postId", (
          select jsonb_build_object('userId', u.id, 'role', u.role) from users u
          where u.id = t.author_id and u.status = 'active'
        ) as author
        from taken t order by t.id`.pipe(findAll(OpenMention))

    return { findMentioned, listProgress, listRunning, finishMention, mentionOwners, takeMentions }
  }),
}) {}
