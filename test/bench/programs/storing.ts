import { Pool } from "pg"

/**
 * A first token as somebody would pass it on by hand: the prompt and an empty answer are stored, in one
 * statement, before the provider is asked; its bytes go through as they come.
 */
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 })
await pool.query("create table if not exists said (id uuid primary key, role text, content text)")

const store = { name: "store", text: "insert into said values ($1, 'user', $2), ($3, 'assistant', '')" }

Bun.serve({
  port: Number(process.env.PORT),
  hostname: "127.0.0.1",
  idleTimeout: 0,
  routes: {
    "/stream": async (request) => {
      const content = new URL(request.url).searchParams.get("content") ?? ""
      await pool.query({ ...store, values: [Bun.randomUUIDv7(), content, Bun.randomUUIDv7()] })
      const answer = await fetch(`${process.env.PROVIDER}/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "scripted", stream: true, messages: [{ role: "user", content }] }),
      })
      return new Response(answer.body, { headers: { "content-type": "text/event-stream" } })
    },
  },
  fetch: () => new Response("ok"),
})
