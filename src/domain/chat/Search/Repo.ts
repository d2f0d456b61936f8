import { SqlClient } from "@effect/sql"
import type { Fragment } from "@effect/sql/Statement"
import { Effect, Schema } from "effect"
import type { Actor } from "../../shared/Actor"
import { findAll } from "../../shared/Rows"
import { containsInsensitive, containsNormalized } from "../../shared/TextComparison"
import { Match } from "./Model"

/** How many of the latest documents and files are read first, where common terms are found without the index. */
const RECENT = { documents: 1000, files: 5000 }

/** How much of a text to read for its snippet, in characters: what stands before the term, and after it. */
const EXCERPT = 300

/** Searches everything that an actor can see, except the actor's own messages, each kind by an index of its own. */
export class SearchRepo extends Effect.Service<SearchRepo>()("SearchRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** The projects that the actor is a member of. */
    const ownProjects = (actor: Actor) =>
      sql`select m.scope_id from memberships m join projects p on p.id = m.scope_id where m.user_id = ${actor.userId}`

    /** Selects the part of a text around the term. */
    const excerpt = (column: string, term: string) =>
      sql`substr(${sql.literal(column)}, greatest(1,
        strpos(search_text(${sql.literal(column)}), (select search_text(${term}))) - ${EXCERPT}::int), ${2 * EXCERPT + term.length}::int)`

    /**
     * Takes what was found among the latest rows if that is enough, or else what the index finds, which is
     * given its query: null if it is not needed. For a common term the index finds nearly every row.
     */
    const latestFirst = (
      recent: Fragment,
      indexed: (query: Fragment) => Fragment,
      { userId }: Actor,
      term: string,
      limit: number,
    ) => sql`
      with recent as materialized (${recent}),
      decision as materialized (select count(*) = ${limit} as sufficient from recent)
      select * from recent where (select sufficient from decision)
      union all
      select * from (${indexed(
        sql`select search_query(${userId}, ${term}) where not (select sufficient from decision)`,
      )}) indexed`

    /** Finds chats by title: the actor's, and those of their projects. */
    const chats = (actor: Actor, term: string, limit: number) =>
      sql`
        select 'chat' as type, c.id, null as "chatId", c.title, '' as text, c.created_at as "createdAt"
        from conversations c
        where c.arena_session_id is null and ${containsNormalized(sql, "c.search_title", term)}
          and (c.user_id = ${actor.userId} or c.project_id in (${ownProjects(actor)}))
        order by c.active_at desc, c.id desc limit ${limit}`.pipe(findAll(Match))

    /** Finds messages in the chats that others share with the actor through projects, by their owners' indexes. */
    const projectMessages = (actor: Actor, term: string, limit: number) =>
      sql`
        select 'message' as type, found.id, c.id as "chatId", c.title, found.text, found.created_at as "createdAt"
        from (
          select distinct c.user_id from conversations c
          where c.project_id in (${ownProjects(actor)}) and c.user_id <> ${actor.userId}
        ) owner cross join lateral (
          select m.id, m.conversation_id, m.created_at, ${excerpt("m.content", term)} as text from messages m
          where search_trigrams(m.user_id, m.created_at, m.content) @@ search_query(owner.user_id, ${term})
            and m.is_searchable and m.user_id = owner.user_id and ${containsInsensitive(sql, "m.content", term)}
            and exists (
              select from conversations c
              where c.id = m.conversation_id and c.project_id in (${ownProjects(actor)}))
          order by m.created_at desc, m.id desc limit ${limit}
        ) found join conversations c on c.id = found.conversation_id
        order by found.created_at desc limit ${limit}`.pipe(findAll(Match))

    const projects = (actor: Actor, term: string, limit: number) =>
      sql`
        select 'project' as type, p.id, null as "chatId", p.name as title,
          case when ${containsInsensitive(sql, "p.description", term)} then ${excerpt("p.description", term)} else '' end as text,
          p.created_at as "createdAt"
        from projects p
        where p.id in (${ownProjects(actor)})
          and (${containsInsensitive(sql, "p.name", term)} or ${containsInsensitive(sql, "p.description", term)})
        order by p.updated_at desc, p.id desc limit ${limit}`.pipe(findAll(Match))

    const documents = (actor: Actor, term: string, limit: number) => {
      const latest = (count: number) => sql`order by d.updated_at desc, d.id desc limit ${count}`
      const matches = sql`
        (${containsInsensitive(sql, "d.title", term)} or ${containsInsensitive(sql, "d.content", term)})`
      const recent = sql`
        select d.* from (select * from documents d where d.user_id = ${actor.userId} ${latest(RECENT.documents)}) d
        where ${matches} ${latest(limit)}`
      // Texts are long: the candidates of the index are compared one by one, until there are enough.
      const indexed = (query: Fragment) => sql`
        select d.* from (
          select d.id, d.updated_at from documents d
          where document_trigrams(d.user_id, d.created_at, d.title, d.content) @@ (${query})
          order by d.updated_at desc, d.id desc
        ) candidate cross join lateral (
          select * from documents d where d.id = candidate.id and d.user_id = ${actor.userId} and ${matches} offset 0
        ) d
        order by candidate.updated_at desc, candidate.id desc limit ${limit}`
      return sql`
        select 'document' as type, d.id, null as "chatId", d.title,
          case when ${containsInsensitive(sql, "d.content", term)} then ${excerpt("d.content", term)} else '' end as text,
          d.created_at as "createdAt"
        from (${latestFirst(recent, indexed, actor, term, limit)}) d
        order by d.updated_at desc, d.id desc`.pipe(findAll(Match))
    }

    /** Finds files by name: the actor's, and those in their projects. */
    const files = (actor: Actor, term: string, limit: number) => {
      const latest = (count: number) => sql`order by f.id desc limit ${count}`
      const matches = containsInsensitive(sql, "f.name", term)
      const recent = sql`
        select f.* from (select * from files f where f.owner_id = ${actor.userId} ${latest(RECENT.files)}) f
        where ${matches} ${latest(limit)}`
      const indexed = (query: Fragment) => sql`
        select f.* from files f
        where search_trigrams(f.owner_id, f.created_at, f.name) @@ (${query})
          and f.owner_id = ${actor.userId} and ${matches} ${latest(limit)}`
      return sql`
        select 'file' as type, f.id, null as "chatId", f.name as title, '' as text, f.created_at as "createdAt"
        from (
          (${latestFirst(recent, indexed, actor, term, limit)})
          union
          select f.* from files f
          where f.id in (select file_id from project_files where project_id in (${ownProjects(actor)}))
            and ${matches}
        ) f
        order by f.id desc limit ${limit}`.pipe(findAll(Match))
    }

    /** Returns the titles of conversations. */
    const titlesOf = (ids: ReadonlyArray<string>) =>
      sql`select id, title from conversations where id = any(${ids}::uuid[])`.pipe(
        findAll(Schema.Struct({ id: Schema.String, title: Schema.String })),
        Effect.map((rows) => new Map(rows.map(({ id, title }) => [id, title]))),
      )

    return { chats, projectMessages, projects, documents, files, titlesOf }
  }),
}) {}
