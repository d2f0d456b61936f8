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

layer(Database.layer)("A database that may be back in a moment", (it) => {
  it.live("is told from one that was asked for what it cannot do", () =>
    Effect.gen(function* () {
      const away = ["08006", "08001", "53100", "53200", "53300", "57P01", "57P02", "57P03", "25006"]
      const bugs = ["23505", "40P01", "42601", "22P02", "57014", "25001", "XX000"]
      for (const code of [...away, ...bugs]) {
        const cause = yield* Effect.flip(Effect.sandbox(Effect.orDie(raise(code))))
        expect([code, isDatabaseUnavailable(cause)]).toEqual([code, away.includes(code)])
      }
    }),
  )

  it.live("is not seen in what others failed to reach", () =>
    Effect.gen(function* () {
      const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })
      expect(isDatabaseUnavailable(yield* Effect.flip(Effect.sandbox(Effect.die(refused))))).toBe(false)
    }),
  )
})
