import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server"
import { Effect, Layer, Option } from "effect"
import { WebAuthn, type WebAuthnCredential } from "../../domain/identity/WebAuthn"

const relyingPartyId = (origin: string) => new URL(origin).hostname

const describe = ({ id, transports }: WebAuthnCredential) => ({ id, transports: [...transports] })

/** Whatever the library rejects or cannot read is not valid; its messages are for developers. */
const orInvalid = <A>(verify: () => Promise<A | undefined>) =>
  Effect.tryPromise(verify).pipe(
    Effect.map(Option.fromNullable),
    Effect.orElseSucceed(() => Option.none<A>()),
  )

/**
 * Implements the port with `@simplewebauthn/server`. The password was verified before, so the key proves
 * possession only: it need not verify the user by PIN or fingerprint.
 */
export const layer = Layer.succeed(WebAuthn, {
  registrationOptions: (origin, { id, email, name }, existing) =>
    Effect.promise(async () => {
      const options = await generateRegistrationOptions({
        rpName: "Parley",
        rpID: relyingPartyId(origin),
        userID: new TextEncoder().encode(id),
        userName: email,
        userDisplayName: name,
        excludeCredentials: existing.map(describe),
        authenticatorSelection: { residentKey: "discouraged", userVerification: "discouraged" },
      })
      return { challenge: options.challenge, options: { ...options } }
    }),
  verifyRegistration: ({ challenge, origin }, response) =>
    orInvalid(async () => {
      const { registrationInfo } = await verifyRegistrationResponse({
        response: response as RegistrationResponseJSON,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: relyingPartyId(origin),
        requireUserVerification: false,
      })
      const credential = registrationInfo?.credential
      return credential && { ...credential, transports: credential.transports ?? [] }
    }),
  authenticationOptions: (origin, credentials) =>
    Effect.promise(async () => {
      const options = await generateAuthenticationOptions({
        rpID: relyingPartyId(origin),
        allowCredentials: credentials.map(describe),
        userVerification: "discouraged",
      })
      return { challenge: options.challenge, options: { ...options } }
    }),
  verifyAuthentication: ({ challenge, origin }, response, { id, publicKey, counter }) =>
    orInvalid(async () => {
      const { authenticationInfo, verified } = await verifyAuthenticationResponse({
        response: response as AuthenticationResponseJSON,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: relyingPartyId(origin),
        credential: { id, publicKey: new Uint8Array(publicKey), counter },
        requireUserVerification: false,
      })
      return verified ? authenticationInfo.newCounter : undefined
    }),
})
