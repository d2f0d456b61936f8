import { Schema } from "effect"
import { EnabledMethod, MfaMethod, PhoneNumber } from "../../../domain/identity/MfaMethods/Model"
import { NonEmptyText } from "../../../domain/shared/Text"
import { example } from "../../../http/Example"
import { Fields, optional, renamed } from "../../../http/Fields"

const time = "2026-01-15T09:30:00.000Z"
const keyId = "TXlTZWN1cml0eUtleQ"

/** A method that the user has enabled. */
const Method = Schema.Struct({
  method: EnabledMethod.fields.method.annotations({ description: "The method", ...example("sms") }),
  destination: EnabledMethod.fields.destination.annotations({
    description: "Where its codes are sent, mostly masked; null for methods that send none",
    ...example("+49***78"),
  }),
  createdAt: renamed(
    "created_at",
    Schema.Date.annotations({ description: "When it was enabled", ...example(time) }),
  ),
}).annotations({ identifier: "PlexiChatTwoFactorMethod" })

export const TwoFactor = Schema.Struct({
  methods: Schema.Array(Method).annotations({
    description: "The enabled methods; without any, the password alone signs in",
  }),
  available: Schema.Array(MfaMethod).annotations({
    description: "The methods that this server offers",
    ...example(["totp", "email", "webauthn"]),
  }),
  backupCodesLeft: renamed(
    "backup_codes_left",
    Schema.Int.annotations({ description: "How many backup codes are unused", ...example(10) }),
  ),
}).annotations({ identifier: "PlexiChatTwoFactor" })

const password = Schema.propertySignature(NonEmptyText).annotations({
  description: "The account's password",
})

export const Password = Fields({ password }).annotations(example({ password: "SecurePass123!" }))

export const Phone = Fields({
  password,
  phone: Schema.propertySignature(PhoneNumber).annotations({
    description: "The number in international format, to which codes are sent",
  }),
}).annotations(example({ password: "SecurePass123!", phone: "+4915112345678" }))

export const Code = Fields({
  code: Schema.propertySignature(NonEmptyText).annotations({ description: "The code of the new method" }),
}).annotations(example({ code: "492039" }))

export const TotpSecret = Schema.Struct({
  secret: Schema.String.annotations({
    description: "The secret in base32, for typing into an authenticator app; shown only now",
    ...example("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"),
  }),
  otpauthUrl: renamed(
    "otpauth_url",
    Schema.String.annotations({
      description: "The same as a URL, for a QR code",
      ...example(
        "otpauth://totp/Parley:ada%40example.com?issuer=Parley&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&algorithm=SHA1&digits=6&period=30",
      ),
    }),
  ),
}).annotations({ identifier: "PlexiChatTotpSecret" })

export const SentEnrollmentCode = Schema.Struct({
  destination: Schema.String.annotations({
    description: "Where the code was sent, mostly masked",
    ...example("a***@example.com"),
  }),
  expiresAt: renamed(
    "expires_at",
    Schema.Date.annotations({ description: "Until when the code is valid", ...example(time) }),
  ),
}).annotations({ identifier: "PlexiChatSentEnrollmentCode" })

export const BackupCodes = Schema.Struct({
  backupCodes: renamed(
    "backup_codes",
    Schema.Array(Schema.String).annotations({
      description:
        "Codes that replace the second factor once each, shown only now. Empty if the account has some from a method enabled before",
      ...example(["0f3a9-b27cd-51e80-44ac6"]),
    }),
  ),
}).annotations({ identifier: "PlexiChatBackupCodes" })

/** Options of Web Authentication as JSON; the browser's own types describe them. */
export const WebAuthnOptions = Schema.Record({ key: Schema.String, value: Schema.Unknown })

const base64Url = (description: string, value?: string) =>
  Schema.propertySignature(
    Schema.String.pipe(Schema.pattern(/^[\w-]+$/, { message: () => "must be base64url" })),
  ).annotations({ description, ...(value === undefined ? {} : example(value)) })

/** What the responses of a browser have in common. Fields that verification does not need are ignored. */
const credentialFields = {
  id: base64Url("The id of the key", keyId),
  rawId: base64Url("The same id", keyId),
  type: Schema.Literal("public-key").annotations({ description: "The kind of credential" }),
  clientExtensionResults: Schema.Record({ key: Schema.String, value: Schema.Unknown }).annotations({
    description: "The results of extensions",
    ...example({}),
  }),
}

const clientDataJSON = base64Url("What the browser signed, as JSON")

/** A browser's response to `navigator.credentials.create`, as JSON. */
const Attestation = Schema.Struct({
  ...credentialFields,
  response: Schema.Struct({
    clientDataJSON,
    attestationObject: base64Url("The new public key"),
    transports: optional(Schema.Array(Schema.String)).annotations({
      description: "How the key can be reached",
    }),
  }).annotations({ description: "The response of the key" }),
})

/** A browser's response to `navigator.credentials.get`, as JSON. */
export const Assertion = Schema.Struct({
  ...credentialFields,
  response: Schema.Struct({
    clientDataJSON,
    authenticatorData: base64Url("What the key signed beside it"),
    signature: base64Url("The key's signature"),
    userHandle: optional(Schema.NullOr(Schema.String)).annotations({ description: "The user's id" }),
  }).annotations({ description: "The response of the key" }),
})

export const Registration = Fields({
  attestation: Schema.propertySignature(Attestation).annotations({
    description: "The `PublicKeyCredential` that `navigator.credentials.create` returned, as JSON",
  }),
}).annotations(
  example({
    attestation: {
      id: keyId,
      rawId: keyId,
      type: "public-key",
      clientExtensionResults: {},
      response: { clientDataJSON: "e30", attestationObject: "o2NmbXRkbm9uZQ" },
    },
  }),
)
