/** Minimal streaming proxy as a baseline: passes the provider's bytes through. */
const provider = process.env.PROVIDER ?? ""

Bun.serve({
  port: Number(process.env.PORT),
  hostname: "127.0.0.1",
  idleTimeout: 0,
  fetch: async (request) => {
    if (new URL(request.url).pathname !== "/stream") return new Response("ok")
    const upstream = await fetch(`${provider}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "scripted", stream: true, messages: [{ role: "user", content: "hi" }] }),
    })
    return new Response(upstream.body, { headers: { "content-type": "text/event-stream" } })
  },
})
