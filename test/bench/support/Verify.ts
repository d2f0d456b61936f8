import { type Acknowledged, ask, type Person, Refused, type Said } from "./AckedState"

interface Findings {
  /** What was acknowledged and is not there, or is not as it was. */
  readonly lost: Array<string>
  /** Runs whose log has no ending. */
  readonly open: Array<string>
  /** What was answered, and not with yes, while the server was there. */
  readonly refused: Array<string>
  /** How old, in milliseconds at the kill, the oldest piece was that a reader saw and the server forgot. */
  readonly forgotten: Array<number>
}

export const noFindings = (): Findings => ({ lost: [], open: [], refused: [], forgotten: [] })

interface Message {
  readonly id: string
  readonly role: string
  readonly content: string
}

/** A reader may have seen what was never written down, for as long as two checkpoints take. */
const mostForgotten = 2000

const endings = ["completed", "stopped", "failed", "interrupted"]

/** A new session from the last one: there is one only if the sign-up and its session were kept. */
const checkPerson = async (url: string, person: Person, { lost }: Findings) => {
  const { refreshToken } = person
  const renewed = await ask(url, "POST", "/api/auth/refresh", undefined, { refreshToken })
  person.refreshToken = renewed.refreshToken
  person.token = renewed.token
  const me = await ask(url, "GET", "/api/auth/me", renewed.token)
  if (me.email !== person.email) lost.push(`the account of ${person.email}`)
  if (![person.name, person.wish].includes(me.profile.display_name)) lost.push(`the name of ${person.email}`)
}

/** The log of a run, which is over: a reader of one that is not would wait for ever. */
const readLog = async (url: string, said: Said) => {
  const response = await fetch(`${url}/api/generations/${said.generation}/events`, {
    headers: { authorization: `Bearer ${said.person.token}` },
    signal: AbortSignal.timeout(5000),
  })
  const text = await response.text()
  if (!response.ok) throw new Refused(`${response.status} ${text}`)
  const events = [...text.matchAll(/^event: (\w+)\ndata: (.*)$/gm)]
  const deltas = events
    .filter(([, type]) => type === "delta")
    .map(([, , data]) => JSON.parse(data ?? "").text)
  return { last: events.at(-1)?.[1] ?? "nothing", text: deltas.join("") }
}

const checkSaid = async (
  url: string,
  said: Said,
  messages: ReadonlyArray<Message>,
  whole: string,
  { lost, open, forgotten }: Findings,
) => {
  const at = messages.findIndex(({ id }) => id === said.promptId)
  if (messages[at]?.content !== said.content) return lost.push(`the prompt ${said.content}`)
  const next = messages[at + 1]
  const kept = next?.role === "ASSISTANT" ? next.content : ""
  const log = await readLog(url, said).catch((cause) => ({ last: String(cause), text: kept }))
  if (!endings.includes(log.last)) open.push(`${said.content}: ${log.last}`)
  if (log.text !== kept) lost.push(`${said.content}: the log and the answer differ`)
  if (!whole.startsWith(kept)) lost.push(`${said.content}: the answer is not what was said`)
  if (said.whole && (kept !== whole || log.last !== "completed"))
    lost.push(`${said.content}: the end of an answer that was whole, ${log.last}`)
  const first = said.arrivals.find(({ length }) => length > kept.length)
  if (first === undefined) return
  const age = said.killedAt - first.at
  forgotten.push(age)
  if (age > mostForgotten) lost.push(`${said.content}: what was seen ${age.toFixed(0)} ms before the kill`)
}

/**
 * Looks for everything that was acknowledged before a kill.
 *
 * @param whole what the provider says to a prompt, in full
 */
export const verify = async (
  url: string,
  { people, chats, said }: Acknowledged,
  whole: (prompt: string) => string,
  found: Findings,
) => {
  const noting = (what: string) => (cause: unknown) => found.lost.push(`${what}: ${cause}`)
  for (const person of people) await checkPerson(url, person, found).catch(noting(person.email))
  for (const { id, title, person } of chats) {
    const check = async () => {
      const { data } = await ask(url, "GET", `/api/chats/${id}`, person.token)
      if (data.title !== title) found.lost.push(`the title of ${id}: ${JSON.stringify(data)}`)
      const page = await ask(url, "GET", `/api/chats/${id}/messages?limit=1000`, person.token)
      for (const one of said.filter(({ chat }) => chat === id))
        await checkSaid(url, one, page.data.items, whole(one.content), found)
    }
    await check().catch(noting(`the chat ${id}`))
  }
}
