import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { SettingName } from "../../shared/CurrentSettings/Model"
import { execute } from "../../shared/Rows"

export class SettingsRepo extends Effect.Service<SettingsRepo>()("SettingsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** Stores a setting; null removes it. */
    const store = (name: SettingName, value: unknown, now: Date) =>
      value === null || value === undefined
        ? sql`delete from settings where name = ${name}`.pipe(execute)
        : sql`
            insert into settings (name, value, updated_at)
            values (${name}, ${JSON.stringify(value)}::jsonb, ${now})
            on conflict (name) do update set value = excluded.value, updated_at = excluded.updated_at`.pipe(
            execute,
          )

    return { store }
  }),
}) {}
