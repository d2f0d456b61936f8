import { Pool, types } from "pg"

/** Hand-written baseline of a page of messages: the same query without a framework. */
types.setTypeParser(20, Number)
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 })

const query = `
  select c.message_count as total, m.id, m.conversation_id as "conversationId", m.role, m.content,
    m.created_at as "createdAt"
  from conversations c
  left join messages m on m.conversation_id = c.id and m.position >= $1::bigint and m.position < $2::bigint
  where c.id = $3 and c.user_id = $4
  order by m.position`

Bun.serve({
  port: Number(process.env.PORT),
  hostname: "127.0.0.1",
  routes: {
    "/api/chats/:id/messages": async (request) => {
      const url = new URL(request.url)
      const page = Number(url.searchParams.get("page") ?? 1)
      const limit = Number(url.searchParams.get("limit") ?? 20)
      const { rows } = await pool.query(query, [
        (page - 1) * limit,
        page * limit,
        request.params.id,
        process.env.USER_ID,
      ])
      return Response.json({
        data: {
          items: rows.map(({ id, conversationId, role, content, createdAt }) => ({
            id,
            chatId: conversationId,
            role: role.toUpperCase(),
            content,
            createdAt,
          })),
          total: rows[0]?.total ?? 0,
          page,
          limit,
        },
        statusCode: 200,
        timestamp: new Date(),
      })
    },
  },
  fetch: () => new Response("ok"),
})
