import { expect } from "bun:test"
import { HttpServerResponse } from "@effect/platform"
import { Effect, Either, Exit, Scope } from "effect"
import { it } from "../../support/it"
import { asking, serving } from "./testServer"

const app = HttpServerResponse.text("here")

it.live("fails when the address is taken", () =>
  Effect.gen(function* () {
    const port = yield* serving(app)
    const second = yield* Effect.either(serving(app, { port }))
    expect(Either.isLeft(second) && second.left._tag).toBe("CannotListen")
    expect(Either.isLeft(second) && second.left.message).toBe(
      `PORT: ${port} is in use on 127.0.0.1; stop what listens there, or choose another.`,
    )
    const nowhere = yield* Effect.flip(serving(app, { hostname: "192.0.2.1" }))
    expect(nowhere.message).toStartWith("HOST: 192.0.2.1 ")
  }),
)

it.live("gives the port back when its scope closes", () =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const port = yield* Scope.extend(serving(app), scope)
    yield* Scope.close(scope, Exit.void)
    const second = yield* serving(app, { port })
    expect((yield* asking(second, "/")).text).toBe("here")
  }),
)
