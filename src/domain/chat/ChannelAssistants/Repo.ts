import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import { AssistantId } from "../../assistants/Assistants/Model"
import { GenerationId, GenerationState } from "../../generation/Generations/Model"
import { PostId } from "../../messaging/Posts/Model"
import type { Actor } from "../../shared/Actor"
import { findAll, findOne } from "../../shared/Rows"

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

    return { findMentioned, listProgress, listRunning }
  }),
}) {}
