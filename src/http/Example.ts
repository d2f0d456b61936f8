import { Option, SchemaAST } from "effect"

const exampleId = Symbol.for("parley/example")

/** An annotation that gives a schema an example of its encoded form, for the API documents and the tests. */
export const example = (value: unknown) => ({ [exampleId]: value })

/**
 * Returns an example of the encoded form of a schema: its annotated example, or one composed of the examples
 * of its parts; optional fields without an example are left out. None when a required part has no example.
 */
export const exampleOf = (ast: SchemaAST.AST): Option.Option<unknown> => {
  const annotated = SchemaAST.getAnnotation<unknown>(ast, exampleId)
  if (Option.isSome(annotated)) return annotated
  switch (ast._tag) {
    case "Literal":
      return Option.some(ast.literal)
    case "BooleanKeyword":
      return Option.some(true)
    case "Refinement":
    case "Transformation":
      return exampleOf(ast.from)
    case "Suspend":
      return exampleOf(ast.f())
    case "Union":
      return Option.firstSomeOf(ast.types.map(exampleOf))
    case "TupleType": {
      const [item] = ast.rest
      return item === undefined ? Option.none() : Option.map(exampleOf(item.type), (value) => [value])
    }
    case "TypeLiteral": {
      const fields = ast.propertySignatures.map(({ name, type, isOptional }) => {
        const value = exampleOf(type)
        return Option.isNone(value) && isOptional
          ? Option.some([])
          : Option.map(value, (value) => [[String(name), value]])
      })
      return Option.map(Option.all(fields), (entries) => Object.fromEntries(entries.flat()))
    }
    default:
      return Option.none()
  }
}
