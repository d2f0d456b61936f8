/**
 * Starts the given number of streams, prints `started` once all deliver an answer, reads them to the
 * end and prints their texts as JSON. It is a process of its own because more than 256 concurrent
 * requests need a variable that Bun reads at start: `bun streamClients.ts <url> <streams>`
 */
const [url = "", count = "1"] = process.argv.slice(2)
const userCount = 8

const post = async (path: string, token: string | undefined, body: unknown) => {
  const response = await fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  })
  return JSON.parse(await response.text())
}

const startStream = async (token: string) => {
  const { data } = await post("/api/chats", token, {})
  const chat: string = data.chat.id
  const response = await fetch(`${url}/api/chats/${chat}/messages/stream?content=hi`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let text = ""
  const readChunk = async () => {
    const { value, done } = (await reader?.read()) ?? { value: undefined, done: true }
    text += decoder.decode(value, { stream: true })
    return !done
  }
  const until = async (mark: string) => {
    while (!text.includes(mark) && (await readChunk()));
  }
  const rest = async () => {
    while (await readChunk());
    return { chat, text }
  }
  await until('"role":"user"')
  return { until, rest }
}

/** Starts a user's streams one by one: creating a chat returns an existing empty one. */
const startStreams = async () => {
  const body = { email: `${crypto.randomUUID()}@example.com`, password: "SecurePass123!", name: "Jane" }
  const { token } = await post("/api/auth/register", undefined, body)
  const streams: Array<Awaited<ReturnType<typeof startStream>>> = []
  for (let i = 0; i < Number(count) / userCount; i++) streams.push(await startStream(token))
  return streams
}

const streams = (await Promise.all(Array.from({ length: userCount }, startStreams))).flat()
await Promise.all(streams.map(({ until }) => until('"role":"assistant"')))
process.stdout.write("started\n")
await Bun.write(Bun.stdout, JSON.stringify(await Promise.all(streams.map(({ rest }) => rest()))))
process.exit(0)

export {}
