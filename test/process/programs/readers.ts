/**
 * Begins as many answers as asked for, says when each has begun to come, reads them all to their
 * ends and prints what came. A process of its own: more than 256 requests at a time need a setting
 * that Bun reads when it starts. `bun readers.ts <url> <streams>`
 */
const [url = "", count = "1"] = process.argv.slice(2)
const people = 8

const ask = async (path: string, token: string | undefined, body: unknown) => {
  const response = await fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  })
  return JSON.parse(await response.text())
}

const begin = async (token: string) => {
  const { data } = await ask("/api/chats", token, {})
  const chat: string = data.chat.id
  const response = await fetch(`${url}/api/chats/${chat}/messages/stream?content=hi`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let text = ""
  const readOn = async () => {
    const { value, done } = (await reader?.read()) ?? { value: undefined, done: true }
    text += decoder.decode(value, { stream: true })
    return !done
  }
  const until = async (mark: string) => {
    while (!text.includes(mark) && (await readOn()));
  }
  const rest = async () => {
    while (await readOn());
    return { chat, text }
  }
  await until('"role":"user"')
  return { until, rest }
}

/** One after the other: a chat without messages would be given to the next who asks for one. */
const person = async () => {
  const body = { email: `${crypto.randomUUID()}@example.com`, password: "SecurePass123!", name: "Jane" }
  const { token } = await ask("/api/auth/register", undefined, body)
  const begun: Array<Awaited<ReturnType<typeof begin>>> = []
  for (let i = 0; i < Number(count) / people; i++) begun.push(await begin(token))
  return begun
}

const begun = (await Promise.all(Array.from({ length: people }, person))).flat()
await Promise.all(begun.map(({ until }) => until('"role":"assistant"')))
process.stdout.write("begun\n")
await Bun.write(Bun.stdout, JSON.stringify(await Promise.all(begun.map(({ rest }) => rest()))))
process.exit(0)

export {}
