import { type Components, type Document, rebuild, target } from "./Document"

const refsIn = (value: unknown): ReadonlyArray<string> => {
  const found: Array<string> = []
  rebuild(value, (object) => {
    const ref = target(object)
    if (ref !== undefined) found.push(ref)
    return object
  })
  return found
}

const lookUp = (components: Components, ref: string): unknown => {
  const [kind = "", name = ""] = ref.split("/")
  return components[kind]?.[name]
}

/** Leaves out what nothing refers to. Security schemes are referred to by name, and stay. */
export const pruned = (document: Document): Document => {
  const reached = new Set<string>()
  const reach = (value: unknown) => {
    for (const ref of refsIn(value)) {
      if (reached.has(ref)) continue
      reached.add(ref)
      reach(lookUp(document.components, ref))
    }
  }
  reach(document.paths)
  const keep =
    (kind: string) =>
    ([name]: readonly [string, unknown]) =>
      kind === "securitySchemes" || reached.has(`${kind}/${name}`)
  const components = Object.entries(document.components).map(([kind, all]) => [
    kind,
    Object.fromEntries(Object.entries(all).filter(keep(kind))),
  ])
  return { ...document, components: Object.fromEntries(components) }
}

/** A component with everything that it refers to in place, as text to compare. */
const meaning = (components: Components, value: unknown, seen: ReadonlyArray<string> = []): string =>
  JSON.stringify(
    rebuild(value, (object) => {
      const ref = target(object)
      if (ref === undefined || seen.includes(ref)) return object
      return { ...object, $ref: meaning(components, lookUp(components, ref), [...seen, ref]) }
    }),
  )

/**
 * The document with components of its own renamed, `prefix` before their names, where `taken` has
 * something else under the same name.
 */
export const withoutClashes = (document: Document, taken: Components, prefix: string): Document => {
  const { components } = document
  const renamed = new Map<string, string>()
  for (const [kind, all] of Object.entries(components)) {
    for (const [name, value] of Object.entries(all)) {
      const other = taken[kind]?.[name]
      if (other !== undefined && meaning(components, value) !== meaning(taken, other)) {
        renamed.set(`${kind}/${name}`, `${kind}/${prefix}${name}`)
      }
    }
  }
  const follow = (object: Readonly<Record<string, unknown>>) => {
    const to = renamed.get(target(object) ?? "")
    return to === undefined ? object : { ...object, $ref: `#/components/${to}` }
  }
  const rename = (kind: string, all: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(all).map(([name, value]) => [
        renamed.get(`${kind}/${name}`)?.slice(kind.length + 1) ?? name,
        rebuild(value, follow),
      ]),
    )
  return {
    ...document,
    paths: Object.fromEntries(
      Object.entries(document.paths).map(([path, item]) => [path, rebuild(item, follow)]),
    ) as Document["paths"],
    components: Object.fromEntries(
      Object.entries(components).map(([kind, all]) => [kind, rename(kind, all)]),
    ),
  }
}

/** All components of both; what has the same name is the same. */
export const union = (a: Components, b: Components): Components =>
  Object.fromEntries(
    [...new Set([...Object.keys(a), ...Object.keys(b)])].map((kind) => [kind, { ...a[kind], ...b[kind] }]),
  )
