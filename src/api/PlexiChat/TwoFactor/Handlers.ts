import { Effect } from "effect"
import { MfaMethods } from "../../../domain/identity/MfaMethods"
import type { MfaMethod } from "../../../domain/identity/MfaMethods/Model"
import { withActor } from "../../../http/Authenticated"
import { makeFrontEndOrigin } from "../../../http/middleware/FrontEndOrigin"
import { defineResource } from "../../../http/Resource"
import { endpoints } from "./Endpoints"

export const twoFactor = defineResource({
  group: endpoints,
  prefixes: [],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const methods = yield* MfaMethods
      const frontEndOf = yield* makeFrontEndOrigin

      const toBackupCodes = Effect.map((backupCodes: ReadonlyArray<string>) => ({ backupCodes }))

      const disable = (method: MfaMethod) =>
        withActor((actor, { payload }: { readonly payload: { readonly password: string } }) =>
          methods.disable(actor, payload.password, method),
        )

      return handlers
        .handle("v1ListTwoFactorMethods", withActor(methods.list))
        .handle(
          "v1StartTotp",
          withActor((actor, { payload }) => methods.startTotp(actor, payload.password)),
        )
        .handle(
          "v1VerifyTotp",
          withActor((actor, { payload }) => toBackupCodes(methods.verifyTotp(actor, payload.code))),
        )
        .handle(
          "v1StartSms",
          withActor((actor, { payload: { password, phone } }) =>
            methods.startCode(actor, password, { method: "sms", phone }),
          ),
        )
        .handle(
          "v1VerifySms",
          withActor((actor, { payload }) => toBackupCodes(methods.verifyCode(actor, "sms", payload.code))),
        )
        .handle(
          "v1StartEmailCodes",
          withActor((actor, { payload }) => methods.startCode(actor, payload.password, { method: "email" })),
        )
        .handle(
          "v1VerifyEmailCodes",
          withActor((actor, { payload }) => toBackupCodes(methods.verifyCode(actor, "email", payload.code))),
        )
        .handle(
          "v1StartWebAuthn",
          withActor((actor, { payload, request }) =>
            methods.startWebAuthn(actor, payload.password, frontEndOf(request)),
          ),
        )
        .handle(
          "v1VerifyWebAuthn",
          withActor((actor, { payload }) =>
            toBackupCodes(methods.verifyWebAuthn(actor, payload.attestation)),
          ),
        )
        .handle(
          "v1ReplaceBackupCodes",
          withActor((actor, { payload }) =>
            toBackupCodes(methods.replaceBackupCodes(actor, payload.password)),
          ),
        )
        .handle("v1DisableTotp", disable("totp"))
        .handle("v1DisableSms", disable("sms"))
        .handle("v1DisableEmailCodes", disable("email"))
        .handle("v1DisableWebAuthn", disable("webauthn"))
    }),
})
