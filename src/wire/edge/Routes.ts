import { type PathInput, make } from "find-my-way-ts"
import type { Contract, Operation } from "../frame/Contract"

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

const allowedOf = (methods: ReadonlyMap<string, Route>) =>
  methods.has("GET") ? [...methods.keys(), "HEAD", "OPTIONS"] : [...methods.keys(), "OPTIONS"]

/** Finds what stands at an address, and whose an address is at which nothing does. */
export const makeRoutes = (contracts: ReadonlyArray<Contract>) => {
  const byPath = new Map<string, Map<string, Route>>()
  for (const contract of contracts) {
    for (const operation of contract.operations) {
      const methods = byPath.get(operation.path) ?? new Map<string, Route>()
      methods.set(operation.method, { contract, operation })
      byPath.set(operation.path, methods)
    }
  }
  const router = make<Address>()
  for (const [path, methods] of byPath) {
    const [first] = methods.values()
    if (first === undefined) continue
    router.all(path as PathInput, { contract: first.contract, methods, allowed: allowedOf(methods) })
  }
  const byPrefix = contracts.toSorted((a, b) => b.prefix.length - a.prefix.length)
  const last = contracts[0]
  if (last === undefined) throw new Error("A server needs a contract")
  return {
    find: (path: string): Address | undefined => router.find("GET", path)?.handler,
    ownerOf: (path: string): Contract => byPrefix.find(({ prefix }) => path.startsWith(prefix)) ?? last,
  }
}
