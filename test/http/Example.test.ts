import { expect } from "bun:test"
import { Effect, Option, Schema } from "effect"
import { example, exampleOf } from "../../src/http/Example"
import { optionalRenamed, renamed } from "../../src/http/Fields"
import { it } from "../support/it"

it.effect("composes the encoded example of a schema from the examples of its parts", () =>
  Effect.sync(() => {
    const Author = Schema.Struct({ name: Schema.String }).annotations(example({ name: "Ada" }))
    const Book = Schema.Struct({
      id: renamed("book_id", Schema.String.annotations(example("b1"))),
      kind: Schema.Literal("novel"),
      authors: Schema.Array(Author),
      note: optionalRenamed("the_note", Schema.String),
    })
    expect(exampleOf(Book.ast)).toEqual(
      Option.some({ book_id: "b1", kind: "novel", authors: [{ name: "Ada" }] }),
    )
  }),
)

it.effect("returns no example when a required part has none", () =>
  Effect.sync(() => {
    expect(exampleOf(Schema.Struct({ title: Schema.String }).ast)).toEqual(Option.none())
  }),
)
