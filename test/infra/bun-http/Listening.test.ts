import { expect } from "bun:test"
import { HttpServerResponse } from "@effect/platform"
import { Effect, Either, Exit, Scope } from "effect"
import { it } from "../../support/it"
import { fetchText, serveApp } from "./testServer"

const app = HttpServerResponse.text("here")

it.live("fails with ListenFailed when the port is in use or the address is not local", () =>
  Effect.gen(function* () {
    const port = yield* serveApp(app)
    const second = yield* Effect.either(serveApp(app, { port }))
    expect(Either.isLeft(second) && second.left._tag).toBe("ListenFailed")
    expect(Either.isLeft(second) && second.left.message).toBe(
      `PORT: ${port} is in use on 127.0.0.1; stop the program that listens there, or choose another port.`,
    )
    const unassigned = yield* Effect.flip(serveApp(app, { hostname: "192.0.2.1" }))
    expect(unassigned.message).toBe(
      "HOST: cannot listen on 192.0.2.1, port 0; it must be an address of this machine.",
    )
  }),
)

it.live("releases the port when its scope closes", () =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const port = yield* Scope.extend(serveApp(app), scope)
    yield* Scope.close(scope, Exit.void)
    const second = yield* serveApp(app, { port })
    expect((yield* fetchText(second, "/")).text).toBe("here")
  }),
)
