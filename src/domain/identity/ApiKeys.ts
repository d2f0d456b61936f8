import { DateTime, Effect } from "effect"
import type { Actor, ApiKeyScope } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import { requireAdmin } from "../shared/Policy"
import { Tokens } from "../shared/Tokens"
import { ApiKeyNotFound } from "./ApiKeys/Errors"
import { type ApiKey, ApiKeyId, type NewApiKey } from "./ApiKeys/Model"
import { ApiKeysRepo } from "./ApiKeys/Repo"
import { Sessions } from "./Sessions"
import { apiKeyPrefix } from "./Sessions/Model"

/** Manages the API keys of users, which `Sessions` authenticates. */
export class ApiKeys extends Effect.Service<ApiKeys>()("ApiKeys", {
  dependencies: [ApiKeysRepo.Default],
  effect: Effect.gen(function* () {
    const repo = yield* ApiKeysRepo
    const sessions = yield* Sessions
    const tokens = yield* Tokens
    const ids = yield* IdGenerator

    const defaultScopes = ({ role }: Actor): ReadonlyArray<ApiKeyScope> =>
      role === "admin" ? ["read", "write", "admin"] : ["read", "write"]

    /** Creates a key and returns it with the secret, which is shown only now. Only administrators grant `admin`. */
    const create = Effect.fn("ApiKeys.create")(function* (actor: Actor, input: NewApiKey) {
      const scopes = [...new Set(input.scopes ?? defaultScopes(actor))]
      if (scopes.includes("admin")) yield* requireAdmin(actor)
      const key = `${apiKeyPrefix}${(yield* tokens.generateSecret).value}`
      const apiKey: ApiKey = {
        id: ApiKeyId.make(yield* ids.generate),
        name: input.name,
        scopes,
        createdAt: yield* DateTime.nowAsDate,
        expiresAt: input.expiresAt ?? null,
        lastUsedAt: null,
      }
      yield* repo.insert(actor, apiKey, tokens.hash(key))
      return { ...apiKey, key }
    })

    /** Lists the actor's keys, newest first. */
    const list = Effect.fn("ApiKeys.list")(repo.list)

    const get = Effect.fn("ApiKeys.get")((actor: Actor, id: ApiKeyId) =>
      Effect.flatMap(
        repo.find(actor, id),
        Effect.mapError(() => new ApiKeyNotFound()),
      ),
    )

    /** Deletes a key. Requests with it fail and its connections close at once, on every node. */
    const revoke = Effect.fn("ApiKeys.revoke")(function* (actor: Actor, id: ApiKeyId) {
      const removed = yield* repo.remove(actor, id)
      if (!removed) return yield* new ApiKeyNotFound()
      yield* sessions.notifyRevoked(id)
    }, Effect.uninterruptible)

    return { create, list, get, revoke }
  }),
}) {}
