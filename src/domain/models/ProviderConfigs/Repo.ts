import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import type { Actor } from "../../shared/Actor"
import { execute, findAll, findOne, hasRow } from "../../shared/Rows"
import type { ProviderId } from "../ProviderAccount"
import { ProviderConfig } from "./Model"

/** A key as it is stored: encrypted. */
const SealedKey = Schema.Struct({
  ...ProviderConfig.pick("id", "userId", "provider").fields,
  sealed: Schema.String,
})

/** A config with the stored key. */
const StoredConfig = Schema.Struct({ ...ProviderConfig.fields, apiKey: Schema.NullOr(Schema.String) })

/** The values to store; a value that is undefined stays as it is. */
interface Change {
  readonly enabled: boolean | undefined
  readonly defaultModel: string | null | undefined
  readonly baseUrl: string | null | undefined
  readonly apiKey: string | null | undefined
}

export class ProviderConfigsRepo extends Effect.Service<ProviderConfigsRepo>()("ProviderConfigsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(
      `id, user_id as "userId", provider, enabled, default_model as "defaultModel", base_url as "baseUrl",
       api_key is not null as "hasApiKey", created_at as "createdAt", updated_at as "updatedAt"`,
    )
    const keyed = (actor: Actor, provider: ProviderId) =>
      sql`user_id = ${actor.userId} and provider = ${provider}`

    const list = (actor: Actor) =>
      sql`select ${columns} from provider_configs where user_id = ${actor.userId} order by id`.pipe(
        findAll(ProviderConfig),
      )

    const find = (actor: Actor, provider: ProviderId) =>
      sql`select ${columns} from provider_configs where ${keyed(actor, provider)}`.pipe(
        findOne(ProviderConfig),
      )

    const findWithKey = (actor: Actor, provider: ProviderId) =>
      sql`select ${columns}, api_key as "apiKey" from provider_configs where ${keyed(actor, provider)}`.pipe(
        findOne(StoredConfig),
      )

    /** Inserts a config. Returns false if the user has one of this provider already. */
    const insert = (config: ProviderConfig, apiKey: string | null) =>
      sql`
        insert into provider_configs
          (id, user_id, provider, enabled, default_model, base_url, api_key, created_at, updated_at)
        values (${config.id}, ${config.userId}, ${config.provider}, ${config.enabled}, ${config.defaultModel},
          ${config.baseUrl}, ${apiKey}, ${config.createdAt}, ${config.updatedAt})
        on conflict (user_id, provider) do nothing returning id`.pipe(hasRow)

    const update = (actor: Actor, provider: ProviderId, change: Change, now: Date) => {
      const { enabled, defaultModel, baseUrl, apiKey } = change
      return sql`
        update provider_configs set
          enabled = coalesce(${enabled ?? null}, enabled),
          default_model = case when ${defaultModel !== undefined} then ${defaultModel ?? null} else default_model end,
          base_url = case when ${baseUrl !== undefined} then ${baseUrl ?? null} else base_url end,
          api_key = case when ${apiKey !== undefined} then ${apiKey ?? null} else api_key end,
          updated_at = ${now}
        where ${keyed(actor, provider)} returning ${columns}`.pipe(findOne(ProviderConfig))
    }

    const remove = (actor: Actor, provider: ProviderId) =>
      sql`delete from provider_configs where ${keyed(actor, provider)} returning id`.pipe(hasRow)

    /** Lists the keys that do not begin with a prefix: those encrypted with another secret. */
    const listKeysWithout = (prefix: string) =>
      sql`
        select id, user_id as "userId", provider, api_key as sealed from provider_configs
        where not starts_with(api_key, ${prefix})`.pipe(findAll(SealedKey))

    /** Replaces a key by the same one, encrypted anew, unless it was changed meanwhile. */
    const replaceKey = ({ id, sealed }: typeof SealedKey.Type, resealed: string) =>
      sql`update provider_configs set api_key = ${resealed} where id = ${id} and api_key = ${sealed}`.pipe(
        execute,
      )

    return { list, find, findWithKey, insert, update, remove, listKeysWithout, replaceKey }
  }),
}) {}
