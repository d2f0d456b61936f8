import { mapObjects } from "../../src/openapi/Document"

/** A recorded example and its start time. */
interface Recorded {
  readonly startedAt: number
  readonly example: unknown
}

const baseTime = Date.UTC(2026, 0, 15, 9, 30)
const interval = 7_000
const dayLength = 86_400_000

/** The duration of every generation, in milliseconds. */
const duration = 2300

const base64 = (text: string) => Buffer.from(text).toString("base64url")
const digest = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("base64url")

const stamp = (number: number) => (0xb40 + number).toString(16).padStart(3, "0")
const idOf = (number: number) =>
  `019bc0f1-2${stamp(number)}-7c3a-9d52-${digest(`id ${number}`)
    .replace(/[^a-f0-9]/g, "")
    .padEnd(12, "4c05b6a7e1d2")
    .slice(0, 12)}`

const tokenOf = (number: number) =>
  [
    base64('{"alg":"HS256","typ":"at+jwt"}'),
    base64(`{"iss":"parley","sub":"${idOf(number)}"}`),
    digest(`token ${number}`),
  ].join(".")

/** Makes a function that replaces each distinct value by one made from its order of appearance. */
const numberedBy = (make: (number: number) => string) => {
  const replacements = new Map<string, string>()
  return (value: string): string => {
    const existing = replacements.get(value)
    if (existing !== undefined) return existing
    const replacement = make(replacements.size)
    replacements.set(value, replacement)
    return replacement
  }
}

/**
 * Replaces every id, time and secret of recorded examples by one that is the same in every run. Equal values
 * stay equal; a time becomes that of the request during which it was taken.
 */
export const normalize = <A extends Recorded>(recorded: ReadonlyArray<A>): ReadonlyArray<A> => {
  const id = numberedBy(idOf)
  const token = numberedBy(tokenOf)
  const secret = numberedBy((number) => digest(`secret ${number}`))
  const time = (iso: string) => {
    const at = Date.parse(iso)
    const index = recorded.findLastIndex(({ startedAt }) => startedAt - 2 <= at)
    return new Date(baseTime + Math.max(0, index) * interval).toISOString()
  }
  // Days keep their distance to the day of the first request.
  const shift = Math.floor((recorded[0]?.startedAt ?? 0) / dayLength) - Math.floor(baseTime / dayLength)
  const day = (iso: string) => new Date(Date.parse(iso) - shift * dayLength).toISOString().slice(0, 10)
  const text = (value: string): string =>
    /^[\w-]{43}$/.test(value)
      ? secret(value)
      : value
          .replace(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, token)
          .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, id)
          .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, time)
          .replace(/^\d{4}-\d\d-\d\d$/, day)
          .replace(/ · \d+ ms\b/g, ` · ${duration} ms`)
  const valueOf = (key: string, value: unknown): unknown => {
    if (key === "generation_time_ms" && typeof value === "number") return duration
    if (Array.isArray(value)) return value.map((item) => (typeof item === "string" ? text(item) : item))
    return typeof value === "string" ? text(value) : value
  }
  const values = (object: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(Object.entries(object).map(([key, value]) => [key, valueOf(key, value)]))
  return recorded.map((entry) => ({ ...entry, example: mapObjects(entry.example, values) }))
}
