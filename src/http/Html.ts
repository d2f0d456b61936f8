/** Markup that is safe to insert into a page. */
export class Html {
  constructor(readonly markup: string) {}
}

type Value = string | number | Html | undefined | ReadonlyArray<Value>

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
}

const escape = (text: string) => text.replace(/[&<>"']/g, (character) => entities[character] ?? "")

const toMarkup = (value: Value): string => {
  if (value === undefined) return ""
  if (value instanceof Html) return value.markup
  return typeof value === "object" ? value.map(toMarkup).join("") : escape(String(value))
}

/** Builds markup from a template: escapes the inserted values, except for markup, and joins lists. */
export const html = (strings: TemplateStringsArray, ...values: ReadonlyArray<Value>): Html =>
  new Html(String.raw({ raw: strings }, ...values.map(toMarkup)))
