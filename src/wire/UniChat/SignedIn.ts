import { HttpApiMiddleware } from "@effect/platform"
import { CurrentActor } from "../edge/Caller"
import { security } from "../edge/SessionCookie"
import * as Errors from "./Errors"

/** Nobody gets past this who is not signed in, by bearer token or session cookie. */
export class SignedIn extends HttpApiMiddleware.Tag<SignedIn>()("UniChat/SignedIn", {
  failure: Errors.NotSignedIn,
  provides: CurrentActor,
  security,
}) {}
