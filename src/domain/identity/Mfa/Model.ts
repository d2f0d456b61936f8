import { Duration } from "effect"
import type { MfaProofMethod } from "../MfaMethods/Model"

/** How long a sign-in waits for its second factor. */
export const challengeTtl = Duration.minutes(5)

/** What a user presents as the second factor: a code or the response of a security key. */
export interface MfaProof {
  /** Without it, a code may be of any method. */
  readonly method?: MfaProofMethod | undefined
  readonly code?: string | undefined
  readonly assertion?: object | undefined
}
