import { expect } from "bun:test"
import { Ajv2020 } from "ajv/dist/2020"
import addFormats from "ajv-formats"
import { Effect } from "effect"
import type { AsyncDocument } from "../../src/openapi/AsyncApi"
import { App } from "../support/App"

export const getDocument = Effect.fnUntraced(function* (path: string) {
  const response = yield* (yield* App).request("GET", path)
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json"])
  return { text: response.text, document: response.json as AsyncDocument }
})

type Message = ReturnType<typeof messagesOf>[number]

export const messagesOf = ({ components }: AsyncDocument) => Object.values(components.messages)

/** Rejects fields that an object's schema does not have. */
const closeObjects = (_: string, value: unknown) =>
  typeof value === "object" && value !== null && "properties" in value && !("additionalProperties" in value)
    ? { ...value, additionalProperties: false }
    : value

/** Makes a function that returns what is wrong with a payload of a message, undocumented fields included. */
export const makeValidate = ({ components }: AsyncDocument) => {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  const closed = (value: unknown) =>
    JSON.parse(JSON.stringify(value).replaceAll('"#/components/', '"asyncapi#/components/'), closeObjects)
  ajv.addSchema({ $id: "asyncapi", components: { schemas: closed(components.schemas) } })
  return ({ payload: schema }: Pick<Message, "payload">, payload: unknown) => {
    const validate = ajv.compile(closed(schema))
    return validate(payload) ? undefined : ajv.errorsText(validate.errors)
  }
}
