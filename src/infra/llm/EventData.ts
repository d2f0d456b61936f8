import { isWireBody, type WireBody } from "./ResponseFields"
import { parseJson } from "./ResponseReader"

/** What the data of an event holds. */
type EventItem =
  | { readonly _tag: "Body"; readonly body: WireBody }
  | { readonly _tag: "Error"; readonly body: unknown }
  | { readonly _tag: "Done" }
  | { readonly _tag: "Invalid"; readonly detail: string }

/** Names of events whose data belongs to the answer. Providers send others for statistics and pings. */
const answerNames = /^(?:message|data|delta|chunk|completion|result|add|chat|content)/i

const isMarker = (data: string) => /^"?\[DONE\]"?$/i.test(data)

/** Data that only keeps the connection alive, such as comments that a proxy sends as data. */
const isKeepAlive = (data: string) =>
  /^(?:"?(?:ping|pong|heartbeat|keep-?alive|ok|null|undefined)"?|:.*)?$/i.test(data)

const readValue = (value: unknown, name: string | undefined): ReadonlyArray<EventItem> | undefined => {
  if (Array.isArray(value)) return value.flatMap((item) => (isWireBody(item) ? readItem(item, name) : []))
  return isWireBody(value) ? readItem(value, name) : undefined
}

const readItem = (body: WireBody, name: string | undefined): ReadonlyArray<EventItem> => [
  name === "error" ? { _tag: "Error", body } : { _tag: "Body", body },
]

/** Reads the data of an event, which some servers frame twice or several in one. */
export const parseEventData = (data: string, name: string | undefined): ReadonlyArray<EventItem> => {
  const value = parseJson(data)
  const items = readValue(value, name)
  if (items !== undefined) return items
  const trimmed = data.replace(/^(?:\s*data:)+/, "").trim()
  if (isMarker(trimmed)) return [{ _tag: "Done" }]
  if (isKeepAlive(trimmed)) return []
  if (name === "error") return [{ _tag: "Error", body: data }]
  if (name !== undefined && !answerNames.test(name)) return []
  if (trimmed !== data) return parseEventData(trimmed, name)
  const lines = trimmed.split("\n")
  return lines.length > 1
    ? lines.flatMap((line) => parseEventData(line, name))
    : [{ _tag: "Invalid", detail: `invalid ${value === undefined ? "JSON" : "chunk"}: ${data}` }]
}
