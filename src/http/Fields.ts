import type { HttpApiError } from "@effect/platform"
import { Option, ParseResult, Schema } from "effect"
import { example } from "./Example"
import type { FieldIssue } from "./HttpError"

type Issue = HttpApiError.HttpApiDecodeError["issues"][number]

const allErrors = { parseOptions: { errors: "all" } } as const

/** The fields of a body or a query. All invalid fields are reported together. */
export const Fields = <F extends Schema.Struct.Fields>(fields: F) =>
  Schema.Struct(fields).annotations(allErrors)

/** An optional field that rejects null. */
export const optional = <A, I, R>(schema: Schema.Schema<A, I, R>) =>
  Schema.optionalWith(schema, { exact: true })

/** An optional field that treats null as absent: some front ends send null for empty fields. */
export const nullish = <A, I>(schema: Schema.Schema<A, I>, description: string) =>
  Schema.optionalToOptional(Schema.NullOr(schema).annotations({ description }), Schema.typeSchema(schema), {
    decode: Option.filter((value) => value !== null),
    encode: (value) => value,
  })

/** A field whose name on the wire is `key`. */
export const renamed = <K extends string, A, I, R>(key: K, schema: Schema.Schema<A, I, R>) =>
  Schema.propertySignature(schema).pipe(Schema.fromKey(key))

/** An optional field whose name on the wire is `key`. */
export const optionalRenamed = <K extends string, A, I, R>(key: K, schema: Schema.Schema<A, I, R>) =>
  optional(schema).pipe(Schema.fromKey(key))

/** A field that is null in the value and absent on the wire. */
export const absentIfNull = <A, I>(schema: Schema.Schema<A, I>) =>
  Schema.optionalToRequired(schema, Schema.NullOr(Schema.typeSchema(schema)), {
    decode: Option.getOrNull,
    encode: Option.fromNullable,
  })

/** A field that has the same text in every body and that values do not have. */
export const constant = (text: string) =>
  Schema.requiredToOptional(Schema.String.annotations(example(text)), Schema.String, {
    decode: Option.some,
    encode: () => text,
  })

/**
 * The schema of a response body that differs from its value by more than the names of fields: encodes the
 * result of `prepare`. Fields that the body does not have are ignored, so a nested object whose fields the
 * value itself has may be the value: `(user) => ({ ...user, profile: user })`. Decoding fails.
 */
export const encodeOnly = <A, B, I>(
  body: Schema.Schema<B, I>,
  prepare: (value: A) => B,
): Schema.Schema<A, I> =>
  Schema.transformOrFail(
    body,
    Schema.declare((_): _ is A => true),
    {
      strict: true,
      decode: (input, _, ast) =>
        ParseResult.fail(new ParseResult.Forbidden(ast, input, "response bodies are only encoded")),
      encode: (value) => ParseResult.succeed(prepare(value)),
    },
  )

const expectations: Record<string, string> = {
  string: "a string",
  number: "a number",
  boolean: "true or false",
}

/**
 * Annotates a filter over several fields so that its issues are reported together with those of single
 * fields, and not only once these are valid. Schema marks its own array filters the same way.
 */
export const reportWithFieldErrors = {
  ...allErrors,
  [Symbol.for("effect/annotation/StableFilter")]: true,
}

/** Returns what Schema expected, in plain words; undefined for messages of our own. Never repeats the input. */
const expected = (message: string): string | undefined => {
  const expectation = /^Expected (.+?), actual /s.exec(message)?.[1]
  if (expectation === undefined) return undefined
  const plain = expectation.replace(/ & Brand<"\w+">/g, "")
  if (plain.startsWith("ReadonlyArray<")) return "a list"
  return expectations[plain] ?? (/^[{(]|^(readonly|Struct) /.test(plain) ? "an object" : plain)
}

/** Merges issues into one per field: a union reports one for each of its members. */
export const toFieldIssues = (issues: ReadonlyArray<Issue>): ReadonlyArray<FieldIssue> =>
  [...Map.groupBy(issues, (issue) => issue.path.map(String).join("."))].map(([field, fieldIssues]) => {
    const [first] = fieldIssues
    if (first?._tag === "Missing") return { field, message: "is required" }
    const custom = fieldIssues.find(({ message }) => expected(message) === undefined)
    if (custom !== undefined) return { field, message: custom.message }
    const choices = new Set(fieldIssues.flatMap(({ message }) => expected(message) ?? []))
    choices.delete("undefined")
    return { field, message: `must be ${[...choices].join(" or ")}` }
  })

/** Rewords the issues of query parameters that are present more than once. */
export const rejectDuplicateParams = (
  issues: ReadonlyArray<FieldIssue>,
  query: URLSearchParams,
): ReadonlyArray<FieldIssue> =>
  issues.map(({ field, message }) => ({
    field,
    message: query.getAll(field).length > 1 ? "must occur only once" : message,
  }))
