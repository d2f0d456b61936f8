import { SqlClient } from "@effect/sql"
import { DateTime, Effect, Struct } from "effect"
import type { Actor } from "../shared/Actor"
import { ClusterNotifications } from "../shared/ClusterNotifications"
import { CurrentSettings } from "../shared/CurrentSettings"
import { ConfiguredSettings, type SettingName, type SettingsValues } from "../shared/CurrentSettings/Model"
import { requireAdmin } from "../shared/Policy"
import { withTransaction } from "../shared/Transaction"
import { Audit } from "./Audit"
import { DefaultModelUnknown, SettingLocked } from "./Settings/Errors"
import { SettingsRepo } from "./Settings/Repo"

/** New values of settings; null for the default. */
type SettingsChange = { readonly [Name in SettingName]?: SettingsValues[Name] | null }

/** Shows and changes the settings that take effect without a restart. */
export class Settings extends Effect.Service<Settings>()("Settings", {
  dependencies: [SettingsRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* SettingsRepo
    const current = yield* CurrentSettings
    const { locked, servesModel } = yield* ConfiguredSettings
    const notifications = yield* ClusterNotifications
    const audit = yield* Audit

    const withLocks = (values: SettingsValues) => ({ ...values, locked: [...locked].toSorted() })

    /** Returns the settings, and the names of those that the configuration sets. Requires an administrator. */
    const get = Effect.fn("Settings.get")(function* (actor: Actor) {
      yield* requireAdmin(actor)
      return withLocks(yield* current.reload)
    })

    const store = (actor: Actor, change: SettingsChange) =>
      Effect.gen(function* () {
        const now = yield* DateTime.nowAsDate
        for (const [name, value] of Struct.entries(change)) yield* repo.store(name, value, now)
        yield* audit.record(actor, "update_settings", "settings", change)
        yield* notifications.publish("settings", "")
      }).pipe(transaction)

    /**
     * Changes the provided settings, on all nodes at once; null resets one to its default. Repeating the value
     * of a locked setting is no change. Requires an administrator.
     */
    const update = Effect.fn("Settings.update")(function* (actor: Actor, input: SettingsChange) {
      yield* requireAdmin(actor)
      const values = yield* current.reload
      const isRepeated = (name: SettingName) => locked.has(name) && input[name] === values[name]
      const change: SettingsChange = Object.fromEntries(
        Struct.entries(input).filter(([name]) => !isRepeated(name)),
      )
      if (Struct.keys(change).some((name) => locked.has(name))) return yield* new SettingLocked()
      if (typeof change.defaultModel === "string" && !servesModel(change.defaultModel))
        return yield* new DefaultModelUnknown()
      if (Struct.keys(change).length > 0) yield* store(actor, change)
      return withLocks(yield* current.reload)
    })

    return { get, update }
  }),
}) {}
