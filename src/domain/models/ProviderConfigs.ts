import { DateTime, Effect, Option, type Redacted } from "effect"
import type { Actor, UserId } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import { resealSecrets } from "../shared/resealSecrets"
import { SecretBox } from "../shared/SecretBox"
import type { ProviderId } from "./ProviderAccount"
import {
  ApiKeyUnreadable,
  ProviderConfigExists,
  ProviderConfigNotFound,
  ProviderDisabled,
} from "./ProviderConfigs/Errors"
import {
  type NewProviderConfig,
  type ProviderConfig,
  type ProviderConfigChange,
  ProviderConfigId,
  type ProviderSelection,
} from "./ProviderConfigs/Model"
import { ProviderConfigsRepo } from "./ProviderConfigs/Repo"

/**
 * Manages how users configure providers: whether they use one, with which model, and with which account of
 * their own. API keys are stored encrypted and never returned.
 */
export class ProviderConfigs extends Effect.Service<ProviderConfigs>()("ProviderConfigs", {
  dependencies: [ProviderConfigsRepo.Default],
  scoped: Effect.gen(function* () {
    const repo = yield* ProviderConfigsRepo
    const ids = yield* IdGenerator
    const secrets = yield* SecretBox

    const ownerOf = (userId: UserId, provider: ProviderId) => ({ userId, purpose: `api key of ${provider}` })

    /** Encrypts a key for storage; null and undefined stay what they are. */
    const seal = (actor: Actor, provider: ProviderId, apiKey: Redacted.Redacted | null | undefined) =>
      apiKey === null || apiKey === undefined
        ? Effect.succeed(apiKey)
        : secrets.seal(apiKey, ownerOf(actor.userId, provider))

    /** Lists the actor's configs, oldest first. */
    const list = Effect.fn("ProviderConfigs.list")(repo.list)

    const get = Effect.fn("ProviderConfigs.get")(function* (actor: Actor, provider: ProviderId) {
      const config = yield* repo.find(actor, provider)
      return yield* Effect.mapError(config, () => new ProviderConfigNotFound())
    })

    /** Creates an enabled config, unless `enabled` is false. Rejects a second one of the same provider. */
    const create = Effect.fn("ProviderConfigs.create")(function* (actor: Actor, input: NewProviderConfig) {
      const { provider, apiKey = null, enabled = true, defaultModel = null, baseUrl = null } = input
      const now = yield* DateTime.nowAsDate
      const config: ProviderConfig = {
        id: ProviderConfigId.make(yield* ids.generate),
        userId: actor.userId,
        provider,
        enabled,
        defaultModel,
        baseUrl,
        hasApiKey: apiKey !== null,
        createdAt: now,
        updatedAt: now,
      }
      const inserted = yield* repo.insert(config, (yield* seal(actor, provider, apiKey)) ?? null)
      return inserted ? config : yield* new ProviderConfigExists()
    })

    /** Updates the provided fields; null removes a value. */
    const update = Effect.fn("ProviderConfigs.update")(function* (
      actor: Actor,
      provider: ProviderId,
      { enabled, defaultModel, baseUrl, apiKey }: ProviderConfigChange,
    ) {
      const sealed = yield* seal(actor, provider, apiKey)
      const change = { enabled, defaultModel, baseUrl, apiKey: sealed }
      const config = yield* repo.update(actor, provider, change, yield* DateTime.nowAsDate)
      return yield* Effect.mapError(config, () => new ProviderConfigNotFound())
    })

    const remove = Effect.fn("ProviderConfigs.remove")(function* (actor: Actor, provider: ProviderId) {
      const removed = yield* repo.remove(actor, provider)
      if (!removed) return yield* new ProviderConfigNotFound()
    })

    /** Returns how to call a provider for the actor. Rejects when the actor has disabled it. */
    const select = Effect.fn("ProviderConfigs.select")(function* (actor: Actor, provider: ProviderId) {
      const stored = yield* repo.findWithKey(actor, provider)
      if (Option.isNone(stored)) {
        const unconfigured: ProviderSelection = { defaultModel: undefined, account: undefined }
        return unconfigured
      }
      const { enabled, defaultModel, baseUrl, apiKey } = stored.value
      if (!enabled) return yield* new ProviderDisabled()
      const selection: ProviderSelection = { defaultModel: defaultModel ?? undefined, account: undefined }
      if (provider === "demo" || (apiKey === null && baseUrl === null)) return selection
      const opened =
        apiKey === null
          ? undefined
          : yield* Effect.mapError(
              secrets.open(apiKey, ownerOf(actor.userId, provider)),
              () => new ApiKeyUnreadable(),
            )
      return { ...selection, account: { provider, apiKey: opened, baseUrl: baseUrl ?? undefined } }
    })

    yield* resealSecrets({
      kind: "api key",
      listWithout: repo.listKeysWithout,
      ownerOf: ({ userId, provider }) => ownerOf(userId, provider),
      replace: repo.replaceKey,
    })

    return { list, get, create, update, remove, select }
  }),
}) {}
