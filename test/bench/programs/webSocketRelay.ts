/** Passes messages on to everyone in a channel, without storing or checking anything, in the frames of PlexiChat. */
let seq = 0

Bun.serve<{ channel: string }>({
  port: Number(process.env.PORT),
  fetch: (request, server) => {
    const channel = new URL(request.url).pathname
    return server.upgrade(request, { data: { channel } }) ? undefined : new Response("ok")
  },
  websocket: {
    open: (socket) => {
      socket.subscribe(socket.data.channel)
      socket.send(JSON.stringify({ type: "ready", seq, data: {} }))
    },
    message: (socket, text) => {
      const { data } = JSON.parse(String(text))
      const frame = JSON.stringify({ type: "message.created", seq: ++seq, data })
      socket.publish(socket.data.channel, frame)
      socket.send(frame)
    },
  },
})
