import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { isDatabaseUnavailable } from "../../../src/domain/shared/DatabaseUnavailable"
import * as Database from "../../support/Database"
import { layer } from "../../support/it"

const raise = (code: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql.unsafe(`do $$ begin raise exception using errcode = '${code}'; end $$`),
  )

layer(Database.layer)("isDatabaseUnavailable", (it) => {
  it.live("distinguishes an unavailable database from failing statements", () =>
    Effect.gen(function* () {
      const unavailable = ["08006", "08001", "53100", "53200", "53300", "57P01", "57P02", "57P03", "25006"]
      const other = ["23505", "40P01", "42601", "22P02", "57014", "25001", "XX000"]
      for (const code of [...unavailable, ...other]) {
        const cause = yield* Effect.flip(Effect.sandbox(Effect.orDie(raise(code))))
        expect([code, isDatabaseUnavailable(cause)]).toEqual([code, unavailable.includes(code)])
      }
    }),
  )

  it.live("ignores connection errors of other clients", () =>
    Effect.gen(function* () {
      const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })
      expect(isDatabaseUnavailable(yield* Effect.flip(Effect.sandbox(Effect.die(refused))))).toBe(false)
    }),
  )
})
