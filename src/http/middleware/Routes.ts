import { make, type PathInput } from "find-my-way-ts"
import { type Contract, type Operation, spelling } from "../Contract"

/** An operation, and the contract that it belongs to. */
export interface Route {
  readonly contract: Contract
  readonly operation: Operation
}

/** What stands at one address. */
export interface Address {
  readonly contract: Contract
  readonly methods: ReadonlyMap<string, Route>
  /** Every method that is answered here. */
  readonly allowed: ReadonlyArray<string>
}

/** The same path for a router: to it a parameter ends at a slash, and only what it calls `*` goes on. */
const patternOf = ({ path, holdsSlashes }: Operation) => (holdsSlashes ? path.replace(/:\w+$/, "*") : path)

/** A `GET` can be asked for its headers alone, unless it changes something. */
const withHead = (methods: Map<string, Route>): ReadonlyMap<string, Route> => {
  const get = methods.get("GET")
  return get === undefined || get.operation.writes ? methods : methods.set("HEAD", get)
}

/** Finds what stands at an address, and whose an address is at which nothing does. */
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
  const router = make<Address>(spelling)
  for (const [path, methods] of byPath) {
    const [first] = methods.values()
    if (first === undefined) continue
    const allowed = [...withHead(methods).keys(), "OPTIONS"]
    // Under one method, whatever is answered there: the router does the work of each anew.
    router.on("GET", path as PathInput, { contract: first.contract, methods, allowed })
  }
  const owns = (prefix: string, path: string) =>
    prefix === "/" || path === prefix || path.startsWith(`${prefix}/`)
  const byPrefix = contracts
    .flatMap((contract) => contract.prefixes.map((prefix) => ({ prefix, contract })))
    .toSorted((a, b) => b.prefix.length - a.prefix.length)
  const last = contracts[0]
  if (last === undefined) throw new Error("A server needs a contract")
  return {
    // The router would take a semicolon for the beginning of a query, which it is not.
    find: (path: string): Address | undefined =>
      path.includes(";") ? undefined : router.find("GET", path)?.handler,
    ownerOf: (path: string): Contract => byPrefix.find(({ prefix }) => owns(prefix, path))?.contract ?? last,
  }
}

/** An operation's address as its contract's own router takes it: slashes within the last parameter as %2F. */
export const joinedUrl = ({ path, holdsSlashes }: Operation, url: string): string => {
  if (!holdsSlashes) return url
  const [, address = "", query = ""] = /^([^?]*)(.*)$/s.exec(url) ?? []
  const segments = address.replace(/\/$/, "").split("/")
  const before = path.split("/").length - 1
  return [...segments.slice(0, before), segments.slice(before).join("%2F")].join("/") + query
}
