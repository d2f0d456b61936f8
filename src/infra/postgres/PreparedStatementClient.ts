import { Client } from "pg"

/** More different statements than the product has; a text beyond them is planned each time. */
const most = 500

const names = new Map<string, string>()

const nameOf = (text: string): string | undefined => {
  const known = names.get(text)
  if (known !== undefined || names.size >= most) return known
  const name = `parley_${names.size}`
  names.set(text, name)
  return name
}

/**
 * pg's client, which has the server plan a statement once for each connection and not at every
 * use: for the statements that write in several tables, planning takes longer than running.
 */
export class PreparingClient extends Client {
  constructor(...config: ConstructorParameters<typeof Client>) {
    super(...config)
    const { query } = this
    const prepared = (text: unknown, values: unknown, ...rest: ReadonlyArray<unknown>) => {
      const name =
        typeof text === "string" && Array.isArray(values) && values.length > 0 ? nameOf(text) : undefined
      const statement = name === undefined ? [text, values, ...rest] : [{ name, text, values }, ...rest]
      return Reflect.apply(query, this, statement)
    }
    Object.assign(this, { query: prepared })
  }
}
