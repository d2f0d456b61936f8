import { HttpApiMiddleware } from "@effect/platform"
import { CurrentActor } from "../../http/middleware/RequestActor"
import { security } from "../../http/middleware/SessionCookie"
import * as Errors from "./Errors"

/** Rejects requests that carry neither a valid bearer token nor a valid session cookie. */
export class Authentication extends HttpApiMiddleware.Tag<Authentication>()("UniChat/Authentication", {
  failure: Errors.Unauthenticated,
  provides: CurrentActor,
  security,
}) {}
