import { SqlClient } from "@effect/sql"
import { Duration, Effect, Option, Schema, Stream } from "effect"
import { ClusterNotifications } from "./ClusterNotifications"
import { ConfiguredSettings, SettingsValues } from "./CurrentSettings/Model"
import { findAll } from "./Rows"
import { repeatEvery } from "./repeatEvery"

const Row = Schema.Struct({ name: Schema.String, value: Schema.Unknown })

const decode = Schema.decodeUnknownOption(Schema.partialWith(SettingsValues, { exact: true }))

/** How often settings are read again, should a notification have been lost. */
const refreshInterval = Duration.seconds(30)

/**
 * Holds the current settings in memory. A change on any node takes effect on all of them at once; values that
 * the configuration sets win over stored ones.
 */
export class CurrentSettings extends Effect.Service<CurrentSettings>()("CurrentSettings", {
  scoped: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { values: defaults, locked } = yield* ConfiguredSettings
    const notifications = yield* ClusterNotifications
    let current: SettingsValues = defaults

    /** Reads the settings. A stored value that this version does not accept counts as absent. */
    const reload = Effect.map(
      sql`select name, value from settings`.pipe(findAll(Row)),
      (rows): SettingsValues => {
        const stored = rows
          .filter(({ name }) => !(locked as ReadonlySet<string>).has(name))
          .map(({ name, value }) => Option.getOrElse(decode({ [name]: value }), () => ({})))
        current = Object.assign({}, defaults, ...stored)
        return current
      },
    )

    const reloadOrLog = Effect.catchAllCause(reload, (cause) =>
      Effect.logWarning("reading the settings failed; retrying later", cause),
    )
    yield* reload
    yield* Effect.forkScoped(Stream.runForEach(notifications.subscribe("settings"), () => reloadOrLog))
    yield* repeatEvery(refreshInterval, reloadOrLog)

    return {
      /** Returns the settings as they are now. Read them where they are used: they change. */
      get: () => current,
      /** Reads the settings again and returns them. */
      reload,
    }
  }),
}) {}
