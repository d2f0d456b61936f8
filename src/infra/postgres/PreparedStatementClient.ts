import { Client } from "pg"

/** More than the number of distinct statements in Parley; any beyond it are planned on each use. */
const MAX_STATEMENTS = 500

const statementNames = new Map<string, string>()

const statementName = (text: string): string | undefined => {
  const cached = statementNames.get(text)
  if (cached !== undefined || statementNames.size >= MAX_STATEMENTS) return cached
  const name = `parley_${statementNames.size}`
  statementNames.set(text, name)
  return name
}

/**
 * pg's client with named prepared statements: the server plans a statement once per connection
 * instead of on each use. For statements that write to several tables, planning takes longer than
 * running.
 */
export class PreparedStatementClient extends Client {
  constructor(...config: ConstructorParameters<typeof Client>) {
    super(...config)
    const { query } = this
    const prepared = (text: unknown, values: unknown, ...rest: ReadonlyArray<unknown>) => {
      const name =
        typeof text === "string" && Array.isArray(values) && values.length > 0
          ? statementName(text)
          : undefined
      const statement = name === undefined ? [text, values, ...rest] : [{ name, text, values }, ...rest]
      return Reflect.apply(query, this, statement)
    }
    Object.assign(this, { query: prepared })
  }
}
