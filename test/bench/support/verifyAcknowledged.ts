import {
  type AcknowledgedPrompt,
  type AcknowledgedState,
  type BenchUser,
  RequestRejected,
  requestJson,
} from "./AcknowledgedState"

interface Findings {
  /** Acknowledged data that is missing or changed. */
  readonly lost: Array<string>
  /** Generations whose log has no terminal event. */
  readonly openGenerations: Array<string>
  /** Error responses of a running server. */
  readonly rejected: Array<string>
  /** Per prompt with lost text: the age of its oldest lost chunk at the kill, in milliseconds. */
  readonly lostTextAges: Array<number>
}

export const noFindings = (): Findings => ({ lost: [], openGenerations: [], rejected: [], lostTextAges: [] })

interface Message {
  readonly id: string
  readonly role: string
  readonly content: string
}

/** Accepted age of received but lost text, in milliseconds: the time of two checkpoints. */
const MAX_LOST_TEXT_AGE = 2000

const terminalEvents = ["completed", "stopped", "failed", "interrupted"]

/** Refreshes the last session, which succeeds only if the registration and its session were persisted. */
const checkUser = async (url: string, user: BenchUser, { lost }: Findings) => {
  const { refreshToken } = user
  const refreshed = await requestJson(url, "POST", "/api/auth/refresh", undefined, { refreshToken })
  user.refreshToken = refreshed.refreshToken
  user.token = refreshed.token
  const me = await requestJson(url, "GET", "/api/auth/me", refreshed.token)
  if (me.email !== user.email) lost.push(`the account of ${user.email}`)
  if (![user.name, user.requestedName].includes(me.profile.display_name))
    lost.push(`the name of ${user.email}`)
}

/** Reads the log of a finished generation. Times out on an open one, whose stream would not end. */
const readLog = async (url: string, prompt: AcknowledgedPrompt) => {
  const response = await fetch(`${url}/api/generations/${prompt.generation}/events`, {
    headers: { authorization: `Bearer ${prompt.user.token}` },
    signal: AbortSignal.timeout(5000),
  })
  const text = await response.text()
  if (!response.ok) throw new RequestRejected(`${response.status} ${text}`)
  const events = [...text.matchAll(/^event: (\w+)\ndata: (.*)$/gm)]
  const deltas = events
    .filter(([, type]) => type === "delta")
    .map(([, , data]) => JSON.parse(data ?? "").text)
  return { last: events.at(-1)?.[1] ?? "no event", text: deltas.join("") }
}

const checkPrompt = async (
  url: string,
  prompt: AcknowledgedPrompt,
  messages: ReadonlyArray<Message>,
  expected: string,
  { lost, openGenerations, lostTextAges }: Findings,
) => {
  const at = messages.findIndex(({ id }) => id === prompt.promptId)
  if (messages[at]?.content !== prompt.content) return lost.push(`the prompt ${prompt.content}`)
  const next = messages[at + 1]
  const stored = next?.role === "ASSISTANT" ? next.content : ""
  const log = await readLog(url, prompt).catch((cause) => ({ last: String(cause), text: stored }))
  if (!terminalEvents.includes(log.last)) openGenerations.push(`${prompt.content}: ${log.last}`)
  if (log.text !== stored) lost.push(`${prompt.content}: the log and the answer differ`)
  if (!expected.startsWith(stored))
    lost.push(`${prompt.content}: the answer is not a prefix of the provider's`)
  if (prompt.complete && (stored !== expected || log.last !== "completed"))
    lost.push(`${prompt.content}: the end of a complete answer, ${log.last}`)
  const first = prompt.arrivals.find(({ length }) => length > stored.length)
  if (first === undefined) return
  const age = prompt.killedAt - first.at
  lostTextAges.push(age)
  if (age > MAX_LOST_TEXT_AGE)
    lost.push(`${prompt.content}: text received ${age.toFixed(0)} ms before the kill`)
}

/**
 * Checks that everything acknowledged before a kill is present.
 *
 * @param expectedAnswer returns the provider's complete answer to a prompt
 */
export const verify = async (
  url: string,
  { users, chats, prompts }: AcknowledgedState,
  expectedAnswer: (prompt: string) => string,
  findings: Findings,
) => {
  const recordFailure = (subject: string) => (cause: unknown) => findings.lost.push(`${subject}: ${cause}`)
  for (const user of users) await checkUser(url, user, findings).catch(recordFailure(user.email))
  for (const { id, title, user } of chats) {
    const check = async () => {
      const { data } = await requestJson(url, "GET", `/api/chats/${id}`, user.token)
      if (data.title !== title) findings.lost.push(`the title of ${id}: ${JSON.stringify(data)}`)
      const page = await requestJson(url, "GET", `/api/chats/${id}/messages?limit=1000`, user.token)
      for (const prompt of prompts.filter(({ chat }) => chat === id))
        await checkPrompt(url, prompt, page.data.items, expectedAnswer(prompt.content), findings)
    }
    await check().catch(recordFailure(`the chat ${id}`))
  }
}
