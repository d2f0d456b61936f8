import { Context, type Effect, type Option } from "effect"

/** A public key of a security key or passkey. */
export interface WebAuthnCredential {
  readonly id: string
  readonly publicKey: Uint8Array
  readonly counter: number
  readonly transports: ReadonlyArray<string>
}

/** Options for a browser's `navigator.credentials`, as JSON, and the challenge in them. */
export interface WebAuthnOptions {
  readonly challenge: string
  readonly options: Readonly<Record<string, unknown>>
}

/** What a browser's response is verified against: the challenge, and the page that was to answer it. */
export interface WebAuthnCeremony {
  readonly challenge: string
  readonly origin: string
}

/** Registers and verifies security keys and passkeys. The relying party is the host of the page's origin. */
export class WebAuthn extends Context.Tag("WebAuthn")<
  WebAuthn,
  {
    readonly registrationOptions: (
      origin: string,
      user: { readonly id: string; readonly email: string; readonly name: string },
      existing: ReadonlyArray<WebAuthnCredential>,
    ) => Effect.Effect<WebAuthnOptions>
    /** Returns the new credential; none if the response is not valid. */
    readonly verifyRegistration: (
      ceremony: WebAuthnCeremony,
      response: object,
    ) => Effect.Effect<Option.Option<WebAuthnCredential>>
    readonly authenticationOptions: (
      origin: string,
      credentials: ReadonlyArray<WebAuthnCredential>,
    ) => Effect.Effect<WebAuthnOptions>
    /** Returns the credential's new counter; none if the response is not valid. */
    readonly verifyAuthentication: (
      ceremony: WebAuthnCeremony,
      response: object,
      credential: WebAuthnCredential,
    ) => Effect.Effect<Option.Option<number>>
  }
>() {}
