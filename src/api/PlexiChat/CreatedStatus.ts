import { HttpApp, HttpServerResponse } from "@effect/platform"
import { Effect } from "effect"

/** Sets the status of the response: 201 for something new, 200 for what was there already. */
export const setCreatedStatus = (isNew: boolean) =>
  HttpApp.appendPreResponseHandler((_, response) =>
    Effect.succeed(HttpServerResponse.setStatus(response, isNew ? 201 : 200)),
  )
