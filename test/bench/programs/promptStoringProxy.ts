import { Pool } from "pg"

/**
 * Hand-written baseline of a proxy that persists as much as Parley: before it calls the provider, one
 * statement reads the history, reserves its cost and stores prompt, empty answer and generation. The
 * provider's bytes are passed through.
 */
const pool = new Pool({
  connectionString: process.env.DATABASE_URL,
  max: 10,
  // The database is Parley's, whose tables have the same names.
  options: "-c search_path=baseline",
})
await pool.query(`
  create schema if not exists baseline;
  create table if not exists accounts (id int primary key, reserved bigint not null);
  create table if not exists conversations (id int primary key, account int not null, count int not null, last timestamptz);
  create table if not exists messages (
    id uuid primary key, conversation int not null references conversations, position int not null, role text, content text,
    unique (conversation, position)
  );
  create table if not exists entries (id uuid primary key, account int not null references accounts, tokens int);
  create table if not exists generations (id uuid primary key, prompt uuid not null references messages, state text);
  insert into accounts values (1, 0);
  insert into conversations select n, 1, 0 from generate_series(0, 99) n`)

const startGeneration = {
  name: "start_generation",
  text: `
    with conversation as (
      select * from conversations where id = $1 for update
    ), history as (
      select coalesce(json_agg(json_build_array(role, content) order by position), '[]') as history,
        coalesce(sum(octet_length(content)), 0) as tokens
      from messages where conversation = $1 and content <> ''
    ), account as (
      update accounts set reserved = reserved + history.tokens + 4096 from history where id = 1
      returning id, history.tokens
    ), entry as (
      insert into entries select $2, id, tokens + 4096 from account
    ), updated_conversation as (
      update conversations c set count = conversation.count + 2, last = now() from conversation where c.id = conversation.id
    ), inserted_messages as (
      insert into messages
      select $3::uuid, id, count, 'user', $5 from conversation union all select $4::uuid, id, count + 1, 'assistant', '' from conversation
    ), generation as (
      insert into generations values ($2, $3, 'running')
    )
    select history from history`,
}

let streams = 0

Bun.serve({
  port: Number(process.env.PORT),
  hostname: "127.0.0.1",
  idleTimeout: 0,
  routes: {
    "/stream": async (request) => {
      const content = new URL(request.url).searchParams.get("content") ?? ""
      const [generationId, promptId, answerId] = [Bun.randomUUIDv7(), Bun.randomUUIDv7(), Bun.randomUUIDv7()]
      const conversation = Math.floor(streams++ / 20) % 100
      const { rows } = await pool.query({
        ...startGeneration,
        values: [conversation, generationId, promptId, answerId, content],
      })
      const history: ReadonlyArray<readonly [role: string, content: string]> = rows[0].history
      const messages = [...history.map(([role, content]) => ({ role, content })), { role: "user", content }]
      const upstream = await fetch(`${process.env.PROVIDER}/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "scripted", stream: true, messages }),
      })
      return new Response(upstream.body, { headers: { "content-type": "text/event-stream" } })
    },
  },
  fetch: () => new Response("ok"),
})
