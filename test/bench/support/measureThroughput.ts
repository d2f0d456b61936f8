/** Returns the requests per second completed by `connections` keep-alive connections over `seconds`. */
export const load = async (
  url: string,
  headers: Record<string, string>,
  { connections, seconds }: { readonly connections: number; readonly seconds: number },
): Promise<number> => {
  const { hostname, port, pathname, search } = new URL(url)
  const lines = Object.entries({ host: `${hostname}:${port}`, ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  const request = `GET ${pathname}${search} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`
  let responses = 0
  let failed = 0
  let stopped = false

  const connect = () =>
    Bun.connect<{ expected: number; received: number }>({
      hostname,
      port: Number(port),
      socket: {
        open(socket) {
          socket.data = { expected: -1, received: 0 }
          socket.write(request)
        },
        data(socket, bytes) {
          const { data } = socket
          if (data.expected === -1) {
            const head = bytes.toString("latin1", 0, Math.min(bytes.length, 2048))
            const end = head.indexOf("\r\n\r\n")
            if (!head.startsWith("HTTP/1.1 200")) failed++
            data.expected = end + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
          }
          data.received += bytes.length
          if (data.received < data.expected) return
          responses++
          socket.data = { expected: -1, received: 0 }
          if (stopped) socket.end()
          else socket.write(request)
        },
      },
    })

  const sockets = await Promise.all(Array.from({ length: connections }, connect))
  await Bun.sleep(seconds * 1000)
  stopped = true
  const total = responses
  await Bun.sleep(50)
  for (const socket of sockets) socket.end()
  if (failed > 0) throw new Error(`${failed} requests did not return 200`)
  return total / seconds
}
