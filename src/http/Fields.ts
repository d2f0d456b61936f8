import type { HttpApiError } from "@effect/platform"
import { Option, Schema } from "effect"
import type { FieldIssue } from "./HttpError"

type Issue = HttpApiError.HttpApiDecodeError["issues"][number]

const allAtOnce = { parseOptions: { errors: "all" } } as const

/** What a body or a query is made of. All its fields that are wrong are told at once. */
export const Fields = <F extends Schema.Struct.Fields>(fields: F) =>
  Schema.Struct(fields).annotations(allAtOnce)

/** A field that may be left out; null is not the same. */
export const optional = <A, I, R>(schema: Schema.Schema<A, I, R>) =>
  Schema.optionalWith(schema, { exact: true })

/** A field that may be left out; null, as front ends send what they have none of, is the same. */
export const orNull = <A, I>(schema: Schema.Schema<A, I>, description: string) =>
  Schema.optionalToOptional(Schema.NullOr(schema).annotations({ description }), Schema.typeSchema(schema), {
    decode: Option.filter((value) => value !== null),
    encode: (value) => value,
  })

/** A field that the domain calls otherwise than the wire, where its name is `key`. */
export const named = <K extends string, A, I, R>(key: K, schema: Schema.Schema<A, I, R>) =>
  Schema.propertySignature(schema).pipe(Schema.fromKey(key))

/** The same of a field that may be left out. */
export const optionalNamed = <K extends string, A, I, R>(key: K, schema: Schema.Schema<A, I, R>) =>
  optional(schema).pipe(Schema.fromKey(key))

const expectations: Record<string, string> = {
  string: "a string",
  number: "a number",
  boolean: "true or false",
}

/**
 * Annotates a filter over several fields: what it finds is told beside what is wrong with single
 * ones, not after they have been mended. Schema's own array filters are marked so.
 */
export const besideOthers = {
  ...allAtOnce,
  [Symbol.for("effect/annotation/StableFilter")]: true,
}

/** What Schema says was expected, in plain words; what was sent instead is not repeated. */
const expected = (message: string): string | undefined => {
  const found = /^Expected (.+?), actual /s.exec(message)?.[1]
  if (found === undefined) return undefined
  const plain = found.replace(/ & Brand<"\w+">/g, "")
  if (plain.startsWith("ReadonlyArray<")) return "a list"
  return expectations[plain] ?? (/^[{(]|^(readonly|Struct) /.test(plain) ? "an object" : plain)
}

/** One entry for each field, however many ways there were in which it could have been right. */
export const toFieldIssues = (issues: ReadonlyArray<Issue>): ReadonlyArray<FieldIssue> =>
  [...Map.groupBy(issues, (issue) => issue.path.map(String).join("."))].map(([field, found]) => {
    const [first] = found
    if (first?._tag === "Missing") return { field, message: "is required" }
    const told = found.find(({ message }) => expected(message) === undefined)
    if (told !== undefined) return { field, message: told.message }
    const choices = new Set(found.flatMap(({ message }) => expected(message) ?? []))
    choices.delete("undefined")
    return { field, message: `must be ${[...choices].join(" or ")}` }
  })

/** The same, of a query where some parameters stand more than once, and mean nothing so. */
export const withRepeated = (
  issues: ReadonlyArray<FieldIssue>,
  query: URLSearchParams,
): ReadonlyArray<FieldIssue> =>
  issues.map(({ field, message }) => ({
    field,
    message: query.getAll(field).length > 1 ? "must be given only once" : message,
  }))
