import { make, type PathInput } from "find-my-way-ts"
import { type Contract, type Operation, routerOptions } from "../Contract"

/** An operation and its contract. */
export interface Route {
  readonly contract: Contract
  readonly operation: Operation
}

/** The operations at one path. */
export interface RouteMatch {
  readonly contract: Contract
  readonly methods: ReadonlyMap<string, Route>
  /** All methods that the path accepts. */
  readonly allowed: ReadonlyArray<string>
}

/** Returns an operation's path as a router pattern: only a parameter named `*` may contain slashes. */
const patternOf = ({ path, hasSplatParam }: Operation) => (hasSplatParam ? path.replace(/:\w+$/, "*") : path)

/** Adds `HEAD` for a `GET` that changes nothing. */
const withHead = (methods: Map<string, Route>): ReadonlyMap<string, Route> => {
  const get = methods.get("GET")
  return get === undefined || get.operation.isWrite ? methods : methods.set("HEAD", get)
}

/** Finds the operations at a path, and the contract that owns an unmatched path. */
export const makeRoutes = (contracts: ReadonlyArray<Contract>) => {
  const byPath = new Map<string, Map<string, Route>>()
  for (const contract of contracts) {
    for (const operation of contract.operations) {
      const pattern = patternOf(operation)
      const methods = byPath.get(pattern) ?? new Map<string, Route>()
      methods.set(operation.method, { contract, operation })
      byPath.set(pattern, methods)
    }
  }
  const router = make<RouteMatch>(routerOptions)
  for (const [path, methods] of byPath) {
    const [firstRoute] = methods.values()
    if (firstRoute === undefined) continue
    const allowed = [...withHead(methods).keys(), "OPTIONS"]
    // Registered under one method for all: the router would repeat the work for each.
    router.on("GET", path as PathInput, { contract: firstRoute.contract, methods, allowed })
  }
  const contains = (prefix: string, path: string) =>
    prefix === "/" || path === prefix || path.startsWith(`${prefix}/`)
  const byPrefix = contracts
    .flatMap((contract) => contract.prefixes.map((prefix) => ({ prefix, contract })))
    .toSorted((a, b) => b.prefix.length - a.prefix.length)
  const fallback = contracts[0]
  if (fallback === undefined) throw new Error("A server needs a contract")
  return {
    // The router would take a semicolon for the start of a query, which it is not.
    find: (path: string): RouteMatch | undefined =>
      path.includes(";") ? undefined : router.find("GET", path)?.handler,
    contractForPath: (path: string): Contract =>
      byPrefix.find(({ prefix }) => contains(prefix, path))?.contract ?? fallback,
  }
}

/** Encodes the slashes in the last parameter as %2F: the router of the contract accepts no plain ones there. */
export const encodeSplatParam = ({ path, hasSplatParam: holdsSlashes }: Operation, url: string): string => {
  if (!holdsSlashes) return url
  const [, pathname = "", query = ""] = /^([^?]*)(.*)$/s.exec(url) ?? []
  const segments = pathname.replace(/\/$/, "").split("/")
  const splatIndex = path.split("/").length - 1
  return [...segments.slice(0, splatIndex), segments.slice(splatIndex).join("%2F")].join("/") + query
}
