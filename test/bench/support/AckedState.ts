import { createParser } from "eventsource-parser"

/** Someone whose sign-up, and last session, the server has answered for. */
export interface Person {
  readonly email: string
  token: string
  refreshToken: string
  name: string
  /** What they have asked to be called, answered or not. */
  wish: string
}

/** A prompt that was answered for, and what its reader has seen of the answer. */
export interface Said {
  readonly person: Person
  readonly chat: string
  readonly content: string
  readonly promptId: string
  readonly generation: string
  text: string
  /** When each piece came, and how long the text was with it. */
  readonly arrivals: Array<{ readonly at: number; readonly length: number }>
  /** The stream came to its proper end, without an error. */
  whole: boolean
  /** When the server was killed. */
  killedAt: number
}

/** What a server has said yes to. */
export interface Acknowledged {
  readonly people: Array<Person>
  readonly chats: Array<{ readonly person: Person; readonly id: string; readonly title: string }>
  readonly said: Array<Said>
}

export const nothingYet = (): Acknowledged => ({ people: [], chats: [], said: [] })

/** Adds what a killed server had said yes to, and when that was. */
export const addKilled = (all: Acknowledged, { people, chats, said }: Acknowledged, killedAt: number) => {
  for (const one of said) one.killedAt = killedAt
  all.people.push(...people)
  all.chats.push(...chats)
  all.said.push(...said)
}

/** A request, and the JSON of its answer; throws when the answer is not 2xx. */
export const ask = async (url: string, method: string, path: string, token?: string, body?: unknown) => {
  const response = await fetch(url + path, {
    method,
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Refused(`${method} ${path}: ${response.status} ${text}`)
  return JSON.parse(text)
}

/** The server answered, and not with yes. */
export class Refused extends Error {}

export const register = async (url: string, ledger: Acknowledged): Promise<Person> => {
  const email = `${crypto.randomUUID()}@example.com`
  const name = "Jane Doe"
  const body = { email, password: "SecurePass123!", display_name: name }
  const { token, refreshToken } = await ask(url, "POST", "/api/auth/register", undefined, body)
  const person = { email, name, wish: name, token, refreshToken }
  ledger.people.push(person)
  return person
}

export const rename = async (url: string, person: Person) => {
  person.wish = `Jane ${crypto.randomUUID()}`
  await ask(url, "PATCH", "/api/auth/me", person.token, { fullName: person.wish })
  person.name = person.wish
}

export const openChat = async (url: string, ledger: Acknowledged, person: Person): Promise<string> => {
  const title = `Chat ${crypto.randomUUID()}`
  const { data } = await ask(url, "POST", "/api/chats", person.token, { title })
  ledger.chats.push({ person, id: data.chat.id, title })
  return data.chat.id
}

/** Says something, and notes all that comes back until it ends or breaks off. */
export const say = async (
  url: string,
  ledger: Acknowledged,
  { person, chat, content }: Pick<Said, "person" | "chat" | "content">,
) => {
  const path = `/api/chats/${chat}/messages/stream?content=${encodeURIComponent(content)}`
  const response = await fetch(url + path, { headers: { authorization: `Bearer ${person.token}` } })
  if (!response.ok) throw new Refused(`${path}: ${response.status} ${await response.text()}`)
  const generation = response.headers.get("x-generation-id") ?? ""
  let said: Said | undefined
  const parser = createParser({
    onEvent: ({ event, data }) => {
      if (event === "error") throw new Refused(`${path}: ${data}`)
      const chunk = JSON.parse(data).data
      if (chunk.role === "user") {
        const promptId = chunk.messageId
        said = {
          ...{ person, chat, content, promptId, generation },
          ...{ text: "", arrivals: [], whole: false, killedAt: Number.NaN },
        }
        ledger.said.push(said)
      } else if (said !== undefined) {
        said.text += chunk.content
        said.arrivals.push({ at: performance.now(), length: said.text.length })
      }
    },
  })
  const decoder = new TextDecoder()
  for await (const bytes of response.body ?? []) parser.feed(decoder.decode(bytes, { stream: true }))
  if (said !== undefined) said.whole = true
}
