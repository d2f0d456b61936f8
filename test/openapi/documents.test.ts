import { expect } from "bun:test"
import { Ajv2020 } from "ajv/dist/2020"
import addFormats from "ajv-formats"
import { Effect } from "effect"
import {
  type Content,
  type Document,
  isRecord,
  type OperationObject,
  type Reference,
  type Response,
  target,
} from "../../src/openapi/Document"
import * as Server from "../support/App"
import { App } from "../support/App"
import { layer } from "../support/it"
import { contracts } from "./Recorder"

const get = (address: string) =>
  Effect.gen(function* () {
    const answer = yield* (yield* App).request("GET", address)
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/json"])
    return answer.json as Document
  })

const operationsOf = ({ paths }: Document): ReadonlyArray<OperationObject> =>
  Object.values(paths).flatMap((item) => Object.values(item))

const resolved = ({ components }: Document, response: Response | Reference | undefined): Response => {
  if (response === undefined) throw new Error("There is no such response")
  if (!("$ref" in response)) return response
  return components.responses?.[response.$ref.split("/").at(-1) ?? ""] as Response
}

const operation = (document: Document, id: string) => {
  const found = operationsOf(document).find(({ operationId }) => operationId === id)
  if (found === undefined) throw new Error(`There is no ${id}`)
  return found
}

/** Everything that has a schema and examples of it: bodies asked and answered. */
const contents = (document: Document): ReadonlyArray<readonly [string, Content]> =>
  operationsOf(document).flatMap(({ operationId, requestBody, responses }) => [
    ...Object.values(requestBody?.content ?? {}).map(
      (content) => [`${operationId} request`, content] as const,
    ),
    ...Object.entries(responses).flatMap(([status, response]) =>
      Object.values(resolved(document, response).content ?? {}).map(
        (content) => [`${operationId} ${status}`, content] as const,
      ),
    ),
  ])

/** The fields of what is asked for, and of what is in them, wherever their schemas stand. */
const fieldsOf = (document: Document, schema: unknown): ReadonlyArray<readonly [string, unknown]> => {
  if (!isRecord(schema)) return []
  const name = target(schema)?.replace("schemas/", "") ?? ""
  const found = schema["$ref"] === undefined ? schema : Object(document.components.schemas?.[name])
  const { properties, anyOf, items } = found
  const inside = [...Object.values(Object(properties)), ...(Array.isArray(anyOf) ? anyOf : []), items]
  return [...Object.entries(Object(properties)), ...inside.flatMap((part) => fieldsOf(document, part))]
}

/** More than the name of a type, and nothing that the library says of itself. */
const isDescribed = (value: unknown) => {
  const { description } = Object(value)
  return (
    typeof description === "string" &&
    /\w \w/.test(description) &&
    !/^an? .*\b(number|string|item)/.test(description)
  )
}

layer(Server.layer())("The served documents", (it) => {
  it.live("have every operation of every contract, each under a name of its own", () =>
    Effect.gen(function* () {
      const whole = yield* get("/openapi.json")
      const wanted: Array<string> = []
      for (const { name, operations } of yield* contracts) {
        const ids = operations.map((one) => `${name.toLowerCase()}.${one.name}`)
        wanted.push(...ids)
        const part = yield* get(`/openapi/${name.toLowerCase()}.json`)
        expect(
          operationsOf(part)
            .map(({ operationId }) => operationId)
            .sort(),
        ).toEqual(ids.sort())
      }
      expect(wanted.length).toBeGreaterThan(14)
      expect(
        operationsOf(whole)
          .map(({ operationId }) => operationId)
          .sort(),
      ).toEqual(wanted.sort())
    }),
  )

  it.live("have one item for a path at which two contracts answer", () =>
    Effect.gen(function* () {
      const { paths } = yield* get("/openapi.json")
      expect(Object.keys(paths["/api/auth/me"] ?? {}).sort()).toEqual(["get", "patch"])
    }),
  )

  it.live("have examples that are right by their schemas, requests and answers alike", () =>
    Effect.gen(function* () {
      const document = yield* get("/openapi.json")
      const ajv = new Ajv2020({ strict: false, allErrors: true })
      addFormats.default(ajv)
      ajv.addSchema({ $id: "openapi", components: document.components })
      let checked = 0
      for (const [where, { schema, examples }] of contents(document)) {
        const text = JSON.stringify(schema).replaceAll('"#/components/', '"openapi#/components/')
        const validate = ajv.compile(JSON.parse(text))
        for (const [name, { value }] of Object.entries(examples ?? {})) {
          validate(value)
          expect([where, name, validate.errors]).toEqual([where, name, null])
          checked++
        }
      }
      expect(checked).toBeGreaterThan(100)
      const refused = ajv.compile({ $ref: "openapi#/components/schemas/Error" })
      expect(refused({ error: "no code" })).toBe(false)
    }),
  )

  it.live("describe every parameter, every field of a body, and every answer", () =>
    Effect.gen(function* () {
      const document = yield* get("/openapi.json")
      const described = operationsOf(document).flatMap(
        ({ operationId, parameters, requestBody, responses }) => [
          ...parameters.map((parameter) => [operationId, parameter.name, isDescribed(parameter)]),
          ...Object.values(requestBody?.content ?? {}).flatMap(({ schema }) =>
            fieldsOf(document, schema).map(([name, field]) => [operationId, name, isDescribed(field)]),
          ),
          ...Object.entries(responses).map(([status, response]) => [
            operationId,
            status,
            isDescribed(resolved(document, response)),
          ]),
        ],
      )
      // Beside fields that are renamed, only renamed ones keep it: `named("title", …)` is enough.
      expect(described.filter(([, , is]) => is !== true)).toEqual([])
      const names = new Set(described.map(([, name]) => name))
      for (const name of ["content", "system_prompt", "config_id", "200", "201", "404"]) {
        expect(names).toContain(name)
      }
    }),
  )

  it.live("show an example of every refusal", () =>
    Effect.gen(function* () {
      const document = yield* get("/openapi.json")
      const refusals = contents(document).filter(([where]) => /[45]\d\d$/.test(where))
      expect(refusals.length).toBeGreaterThan(300)
      const bare = refusals.filter(([, { examples }]) => Object.keys(examples ?? {}).length === 0)
      expect(bare.map(([where]) => where)).toEqual([])
    }),
  )

  it.live("say what the edge can answer, in the shape of the contract", () =>
    Effect.gen(function* () {
      const document = yield* get("/openapi.json")
      const write = operation(document, "chatguide.createChat")
      expect(Object.keys(write.responses)).toEqual([
        "201",
        "400",
        "401",
        "403",
        "413",
        "415",
        "429",
        "431",
        "500",
        "503",
      ])
      expect(write.requestBody?.required).toBe(false)
      const read = operation(document, "native.readGeneration")
      expect(Object.keys(read.responses)).toEqual([
        "200",
        "204",
        "401",
        "404",
        "410",
        "429",
        "431",
        "500",
        "503",
      ])
      const shapes = [
        { of: write, name: "ChatGuideError" },
        { of: read, name: "Error" },
      ]
      for (const { of, name } of shapes) {
        for (const status of ["401", "429", "500", "503"]) {
          const content = resolved(document, of.responses[status]).content?.["application/json"]
          expect(content?.schema).toEqual({ $ref: `#/components/schemas/${name}` })
        }
      }
      const limited = resolved(document, write.responses["429"])
      expect(Object.keys(limited.headers ?? {})).toContain("Retry-After")
      expect(JSON.stringify(document)).not.toContain("HttpApiDecodeError")
    }),
  )

  it.live("tell of streams as event streams, with the header that resumes them", () =>
    Effect.gen(function* () {
      const { responses, parameters } = operation(
        yield* get("/openapi/chatguide.json"),
        "chatguide.streamMessage",
      )
      const success = responses["200"]
      if (success === undefined || "$ref" in success) throw new Error("The stream is not described")
      expect(Object.keys(success.content ?? {})).toEqual(["text/event-stream"])
      expect(success.content?.["text/event-stream"]?.examples?.answer?.value).toContain("\ndata: {")
      expect(parameters.map(({ name }) => name)).toEqual(["id", "content", "Last-Event-ID"])
    }),
  )
})

layer(Server.layer({ PUBLIC_URL: "https://chat.parley.test/" }))(
  "A server with an address of its own",
  (it) => {
    it.live("says so in its documents", () =>
      Effect.gen(function* () {
        const { servers, info } = yield* get("/openapi.json")
        expect(servers).toEqual([{ url: "https://chat.parley.test" }])
        expect(info.contact).toEqual({ name: "Parley", url: "https://chat.parley.test" })
      }),
    )
  },
)
