import { Pool } from "pg"

/**
 * A first token as somebody would pass it on by hand who wants to lose nothing either: what was said
 * before is read and its cost reserved, and prompt, empty answer and run are stored, in one statement,
 * before the provider is asked; its bytes go through as they come.
 */
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 })
await pool.query(`
  create table if not exists accounts (id int primary key, reserved bigint not null);
  create table if not exists talks (id int primary key, account int not null, count int not null, last timestamptz);
  create table if not exists said (
    id uuid primary key, talk int not null references talks, position int not null, role text, content text,
    unique (talk, position)
  );
  create table if not exists entries (id uuid primary key, account int not null references accounts, tokens int);
  create table if not exists runs (id uuid primary key, prompt uuid not null references said, state text);
  insert into accounts values (1, 0);
  insert into talks select n, 1, 0 from generate_series(0, 99) n`)

const begin = {
  name: "begin",
  text: `
    with talk as (
      select * from talks where id = $1 for update
    ), history as (
      select coalesce(json_agg(json_build_array(role, content) order by position), '[]') as turns,
        coalesce(sum(octet_length(content)), 0) as tokens
      from said where talk = $1 and content <> ''
    ), account as (
      update accounts set reserved = reserved + history.tokens + 4096 from history where id = 1
      returning id, history.tokens
    ), entry as (
      insert into entries select $2, id, tokens + 4096 from account
    ), counted as (
      update talks t set count = talk.count + 2, last = now() from talk where t.id = talk.id
    ), exchange as (
      insert into said
      select $3::uuid, id, count, 'user', $5 from talk union all select $4::uuid, id, count + 1, 'assistant', '' from talk
    ), run as (
      insert into runs values ($2, $3, 'running')
    )
    select turns from history`,
}

let streams = 0

Bun.serve({
  port: Number(process.env.PORT),
  hostname: "127.0.0.1",
  idleTimeout: 0,
  routes: {
    "/stream": async (request) => {
      const content = new URL(request.url).searchParams.get("content") ?? ""
      const [run, prompt, answer] = [Bun.randomUUIDv7(), Bun.randomUUIDv7(), Bun.randomUUIDv7()]
      const talk = Math.floor(streams++ / 20) % 100
      const { rows } = await pool.query({ ...begin, values: [talk, run, prompt, answer, content] })
      const turns: ReadonlyArray<readonly [role: string, content: string]> = rows[0].turns
      const messages = [...turns.map(([role, content]) => ({ role, content })), { role: "user", content }]
      const spoken = await fetch(`${process.env.PROVIDER}/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "scripted", stream: true, messages }),
      })
      return new Response(spoken.body, { headers: { "content-type": "text/event-stream" } })
    },
  },
  fetch: () => new Response("ok"),
})
