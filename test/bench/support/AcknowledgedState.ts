import { createParser } from "eventsource-parser"

/** A user whose registration and last session the server has acknowledged. */
export interface BenchUser {
  readonly email: string
  token: string
  refreshToken: string
  name: string
  /** The last name that was requested, acknowledged or not. */
  requestedName: string
}

/** An acknowledged prompt, and what its reader has received of the answer. */
export interface AcknowledgedPrompt {
  readonly user: BenchUser
  readonly chat: string
  readonly content: string
  readonly promptId: string
  readonly generation: string
  text: string
  /** The time of each received chunk, and the total length of the text with it. */
  readonly arrivals: Array<{ readonly at: number; readonly length: number }>
  /** Whether the stream ended normally, without an error. */
  complete: boolean
  /** When the server was killed, by `performance.now()`; NaN before. */
  killedAt: number
}

/** Everything that a server has acknowledged. */
export interface AcknowledgedState {
  readonly users: Array<BenchUser>
  readonly chats: Array<{ readonly user: BenchUser; readonly id: string; readonly title: string }>
  readonly prompts: Array<AcknowledgedPrompt>
}

export const emptyState = (): AcknowledgedState => ({ users: [], chats: [], prompts: [] })

/** Adds what a server acknowledged before it was killed at `killedAt`. */
export const mergeKilled = (
  all: AcknowledgedState,
  { users, chats, prompts }: AcknowledgedState,
  killedAt: number,
) => {
  for (const prompt of prompts) prompt.killedAt = killedAt
  all.users.push(...users)
  all.chats.push(...chats)
  all.prompts.push(...prompts)
}

/** Sends a request and parses the JSON response. Throws RequestRejected if the status is not 2xx. */
export const requestJson = async (
  url: string,
  method: string,
  path: string,
  token?: string,
  body?: unknown,
) => {
  const response = await fetch(url + path, {
    method,
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new RequestRejected(`${method} ${path}: ${response.status} ${text}`)
  return JSON.parse(text)
}

/** The server responded with an error. */
export class RequestRejected extends Error {}

export const register = async (url: string, state: AcknowledgedState): Promise<BenchUser> => {
  const email = `${crypto.randomUUID()}@example.com`
  const name = "Jane Doe"
  const body = { email, password: "SecurePass123!", display_name: name }
  const { token, refreshToken } = await requestJson(url, "POST", "/api/auth/register", undefined, body)
  const user = { email, name, requestedName: name, token, refreshToken }
  state.users.push(user)
  return user
}

export const rename = async (url: string, user: BenchUser) => {
  user.requestedName = `Jane ${crypto.randomUUID()}`
  await requestJson(url, "PATCH", "/api/auth/me", user.token, { fullName: user.requestedName })
  user.name = user.requestedName
}

export const openChat = async (url: string, state: AcknowledgedState, user: BenchUser): Promise<string> => {
  const title = `Chat ${crypto.randomUUID()}`
  const { data } = await requestJson(url, "POST", "/api/chats", user.token, { title })
  state.chats.push({ user, id: data.chat.id, title })
  return data.chat.id
}

/** Sends a prompt and records its stream until it ends or the connection is lost. */
export const sendPrompt = async (
  url: string,
  state: AcknowledgedState,
  { user, chat, content }: Pick<AcknowledgedPrompt, "user" | "chat" | "content">,
) => {
  const path = `/api/chats/${chat}/messages/stream?content=${encodeURIComponent(content)}`
  const response = await fetch(url + path, { headers: { authorization: `Bearer ${user.token}` } })
  if (!response.ok) throw new RequestRejected(`${path}: ${response.status} ${await response.text()}`)
  const generation = response.headers.get("x-generation-id") ?? ""
  let acked: AcknowledgedPrompt | undefined
  const parser = createParser({
    onEvent: ({ event, data }) => {
      if (event === "error") throw new RequestRejected(`${path}: ${data}`)
      const chunk = JSON.parse(data).data
      if (chunk.role === "user") {
        const promptId = chunk.messageId
        acked = {
          ...{ user, chat, content, promptId, generation },
          ...{ text: "", arrivals: [], complete: false, killedAt: Number.NaN },
        }
        state.prompts.push(acked)
      } else if (acked !== undefined) {
        acked.text += chunk.content
        acked.arrivals.push({ at: performance.now(), length: acked.text.length })
      }
    },
  })
  const decoder = new TextDecoder()
  for await (const bytes of response.body ?? []) parser.feed(decoder.decode(bytes, { stream: true }))
  if (acked !== undefined) acked.complete = true
}
