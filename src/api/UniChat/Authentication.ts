import { HttpApiMiddleware } from "@effect/platform"
import { CurrentActor } from "../../http/middleware/RequestActor"
import { security } from "../../http/middleware/SessionCookie"
import * as Errors from "./Errors"

/** Nobody gets past this who is not signed in, by bearer token or session cookie. */
export class SignedIn extends HttpApiMiddleware.Tag<SignedIn>()("UniChat/SignedIn", {
  failure: Errors.NotSignedIn,
  provides: CurrentActor,
  security,
}) {}
