import { expect } from "bun:test"
import { Effect, Schema } from "effect"
import { DateTimeParam } from "../../src/http/Params"
import { it } from "../support/it"

it.effect("DateTimeParam decodes a time in its own zone, or in UTC if it names none", () =>
  Effect.gen(function* () {
    const read = (text: string) =>
      Effect.map(Schema.decode(DateTimeParam)(text), (date) => date.toISOString())
    const zone = process.env["TZ"]
    process.env["TZ"] = "Asia/Tokyo"
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        if (zone === undefined) delete process.env["TZ"]
        else process.env["TZ"] = zone
      }),
    )
    expect(
      yield* Effect.forEach(
        [
          "2026-01-31",
          "2024-02-29",
          "2026-01-31T10:20",
          "2026-01-31T10:20:30.5",
          "2026-01-31T10:20:30.123456789Z",
          "2026-01-31T10:20+09:00",
          "2026-01-31T10:20-0130",
        ],
        read,
      ),
    ).toEqual([
      "2026-01-31T00:00:00.000Z",
      "2024-02-29T00:00:00.000Z",
      "2026-01-31T10:20:00.000Z",
      "2026-01-31T10:20:30.500Z",
      "2026-01-31T10:20:30.123Z",
      "2026-01-31T01:20:00.000Z",
      "2026-01-31T11:50:00.000Z",
    ])
  }),
)
