import { type Components, type Document, mapObjects, refTarget } from "./Document"

const refsIn = (value: unknown): ReadonlyArray<string> => {
  const refs: Array<string> = []
  mapObjects(value, (object) => {
    const ref = refTarget(object)
    if (ref !== undefined) refs.push(ref)
    return object
  })
  return refs
}

const lookUp = (components: Components, ref: string): unknown => {
  const [kind = "", name = ""] = ref.split("/")
  return components[kind]?.[name]
}

/** Removes unreferenced components. Keeps security schemes, which are referenced by name instead of `$ref`. */
export const pruneComponents = (document: Document): Document => {
  const reachable = new Set<string>()
  const visit = (value: unknown) => {
    for (const ref of refsIn(value)) {
      if (reachable.has(ref)) continue
      reachable.add(ref)
      visit(lookUp(document.components, ref))
    }
  }
  visit(document.paths)
  const isKept =
    (kind: string) =>
    ([name]: readonly [string, unknown]) =>
      kind === "securitySchemes" || reachable.has(`${kind}/${name}`)
  const components = Object.entries(document.components).map(([kind, byName]) => [
    kind,
    Object.fromEntries(Object.entries(byName).filter(isKept(kind))),
  ])
  return { ...document, components: Object.fromEntries(components) }
}

/** Serializes a component with its references inlined, for comparison. */
const canonicalize = (components: Components, value: unknown, seen: ReadonlyArray<string> = []): string =>
  JSON.stringify(
    mapObjects(value, (object) => {
      const ref = refTarget(object)
      if (ref === undefined || seen.includes(ref)) return object
      return { ...object, $ref: canonicalize(components, lookUp(components, ref), [...seen, ref]) }
    }),
  )

/** Adds `prefix` to the names of a document's components that differ from the existing ones of the same name. */
export const prefixConflicts = (document: Document, existing: Components, prefix: string): Document => {
  const { components } = document
  const renamed = new Map<string, string>()
  for (const [kind, all] of Object.entries(components)) {
    for (const [name, value] of Object.entries(all)) {
      const other = existing[kind]?.[name]
      if (other !== undefined && canonicalize(components, value) !== canonicalize(existing, other)) {
        renamed.set(`${kind}/${name}`, `${kind}/${prefix}${name}`)
      }
    }
  }
  const renameRef = (object: Readonly<Record<string, unknown>>) => {
    const to = renamed.get(refTarget(object) ?? "")
    return to === undefined ? object : { ...object, $ref: `#/components/${to}` }
  }
  const renameAll = (kind: string, all: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(all).map(([name, value]) => [
        renamed.get(`${kind}/${name}`)?.slice(kind.length + 1) ?? name,
        mapObjects(value, renameRef),
      ]),
    )
  return {
    ...document,
    paths: Object.fromEntries(
      Object.entries(document.paths).map(([path, item]) => [path, mapObjects(item, renameRef)]),
    ) as Document["paths"],
    components: Object.fromEntries(
      Object.entries(components).map(([kind, all]) => [kind, renameAll(kind, all)]),
    ),
  }
}

/** Merges components; those with the same name must be equal. */
export const mergeComponents = (a: Components, b: Components): Components =>
  Object.fromEntries(
    [...new Set([...Object.keys(a), ...Object.keys(b)])].map((kind) => [kind, { ...a[kind], ...b[kind] }]),
  )
