import { expect } from "bun:test"
import { HttpServerRequest } from "@effect/platform"
import { ConfigProvider, Effect, Logger } from "effect"
import { makeCors } from "../../../src/http/middleware/Cors"
import { it } from "../../support/it"

/** Logs what requests of these origins are worth to a server with these variables. Returns the logged origins. */
const loggedOrigins = (variables: Readonly<Record<string, string>>, origins: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const logged: Array<unknown> = []
    const logger = Logger.make(({ annotations }) => void logged.push(...annotations))
    const cors = yield* makeCors
    yield* Effect.forEach(origins, (origin) => {
      const headers = { origin, host: "127.0.0.1:3000" }
      return cors.logRefusedOrigin(
        HttpServerRequest.fromWeb(new Request("http://127.0.0.1:3000/api/chats", { headers })),
      )
    }).pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
    return logged.map((annotation) => (annotation as [name: string, value: string])[1])
  }).pipe(Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables)))))

it.effect("logs each refused origin once, and a limited number of them", () =>
  Effect.gen(function* () {
    const refused = "https://chat.example.com"
    const accepted = ["http://localhost:5173", "http://127.0.0.1:3000", "https://127.0.0.1:3000"]
    expect(yield* loggedOrigins({}, [refused, ...accepted, refused])).toEqual([refused])
    expect(yield* loggedOrigins({ CORS_ORIGINS: `${refused}` }, [refused, "http://localhost:5173"])).toEqual([
      "http://localhost:5173",
    ])
    expect(yield* loggedOrigins({ CORS_ORIGINS: "*" }, [refused])).toEqual([])
    const many = Array.from({ length: 300 }, (_, i) => `https://${i}.example.com`)
    expect(yield* loggedOrigins({}, many)).toHaveLength(100)
  }),
)
