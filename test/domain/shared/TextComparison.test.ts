import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { containsInsensitive } from "../../../src/domain/shared/TextComparison"
import * as Database from "../../support/Database"
import { layer } from "../../support/it"

layer(Database.layer)("Text search", (it) => {
  it.effect("matches literally, without case, composed or decomposed, in any script", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const texts = [
        "ёжик в тумане",
        "Große Straße",
        "ΟΔΟΣ",
        "caf\u00e9 日本語",
        "50%_off \\ now",
        "cafe\u0301 🎉",
      ]
      const search = (term: string) =>
        Effect.map(
          sql<{ n: number }>`
            select t.n::int as n from unnest(${texts}::text[]) with ordinality as t(body, n)
            where ${containsInsensitive(sql, "t.body", term)} order by 1`,
          (rows) => rows.map(({ n }) => n - 1),
        )
      for (const [term, expected] of [
        ["ЁЖИК", [0]],
        ["е\u0308жик", [0]],
        ["straSSe", [1]],
        ["οδοσ", [2]],
        ["CAF\u00c9", [3, 5]],
        ["cafe\u0301", [3, 5]],
        ["cafe", []],
        ["日本", [3]],
        ["🎉", [5]],
        ["50%_o", [4]],
        ["50_", []],
        ["%", [4]],
        ["\\", [4]],
      ] as const) {
        expect([term, yield* search(term)]).toEqual([term, [...expected]])
      }
    }),
  )
})
