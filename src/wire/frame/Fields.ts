import type { HttpApiError } from "@effect/platform"
import { Schema } from "effect"
import type { FieldIssue } from "./Problem"

type Issue = HttpApiError.HttpApiDecodeError["issues"][number]

const allAtOnce = { parseOptions: { errors: "all" } } as const

/** What a body or a query is made of. All its fields that are wrong are told at once. */
export const Fields = <F extends Schema.Struct.Fields>(fields: F) =>
  Schema.Struct(fields).annotations(allAtOnce)

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
  return expectations[found] ?? (/^[{(]|^readonly /.test(found) ? "an object" : found)
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
