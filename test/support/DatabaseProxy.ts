import { connect, createServer, type Socket } from "node:net"
import { Effect } from "effect"

interface DatabaseProxy {
  /** The database's URL through the proxy. */
  readonly url: string
  /** Drops the reply to the next statement that contains `part`, together with its connection. */
  readonly dropReplyTo: (part: string) => Promise<void>
  /** Stops forwarding; connections stay open. */
  readonly pause: () => void
  /** Closes all connections. */
  readonly close: () => void
}

/** Starts a proxy to the database server of a URL, which can lose replies: statements run, unconfirmed. */
export const startDatabaseProxy = (databaseUrl: string) =>
  Effect.acquireRelease(
    Effect.async<DatabaseProxy>((resume) => {
      const url = new URL(databaseUrl)
      const { port, hostname } = new URL(databaseUrl)
      const sockets = new Set<Socket>()
      let next = { part: "", dropped: Promise.withResolvers<void>() }
      const server = createServer((client) => {
        const database = connect(Number(port), hostname)
        let dropNext = false
        for (const socket of [client, database]) sockets.add(socket.on("error", () => {}))
        client.on("close", () => database.destroy())
        database.on("close", () => client.destroy())
        client.on("data", (data) => {
          if (next.part !== "" && data.toString("latin1").includes(next.part)) {
            dropNext = true
            next.part = ""
          }
          database.write(data)
        })
        database.on("data", (reply) => {
          if (!dropNext) return client.write(reply)
          client.destroy()
          return next.dropped.resolve()
        })
      })
      const dropReplyTo = (part: string) => {
        next = { part, dropped: Promise.withResolvers() }
        return next.dropped.promise
      }
      const pause = () => {
        for (const socket of sockets) socket.pause()
      }
      const close = () => {
        for (const socket of sockets) socket.destroy()
        server.close()
      }
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        url.host = `127.0.0.1:${typeof address === "object" ? address?.port : 0}`
        resume(Effect.succeed({ url: url.href, dropReplyTo, pause, close }))
      })
    }),
    ({ close }) => Effect.sync(close),
  )
