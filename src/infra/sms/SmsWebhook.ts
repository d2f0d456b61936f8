import { Config, Effect, Layer, Option } from "effect"
import { httpUrlConfig } from "../../domain/shared/ConfigHelpers"
import { SmsFailed, SmsSender } from "../../domain/shared/SmsSender"
import { allowPrivateUrls, guardedFetch } from "../http-client/guardedFetch"

const timeout = 10_000

/** The URL may contain credentials, which are sent as basic authentication. */
export const smsWebhookUrl = Config.option(httpUrlConfig("SMS_WEBHOOK_URL"))

/** Hands text messages to the webhook that `SMS_WEBHOOK_URL` names: `POST {to, text}`. Logs no number or text. */
export const layer = Layer.effect(
  SmsSender,
  Effect.gen(function* () {
    const configured = yield* smsWebhookUrl
    const allowPrivate = yield* allowPrivateUrls
    if (Option.isNone(configured)) return { isConfigured: false, send: () => new SmsFailed() }
    const url = new URL(configured.value)
    const { host: trustedHost, username, password } = url
    url.username = ""
    url.password = ""
    const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)
    const headers = {
      "content-type": "application/json",
      ...(username === "" ? {} : { authorization: `Basic ${credentials.toString("base64")}` }),
    }
    return {
      isConfigured: true,
      send: (to, text) =>
        Effect.tryPromise(async (signal) => {
          const response = await guardedFetch(url.href, {
            method: "POST",
            headers,
            body: JSON.stringify({ to, text }),
            signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
            allowPrivate,
            trustedHost,
          })
          await response.body?.cancel()
          return response.status
        }).pipe(
          Effect.orElseSucceed(() => 0),
          Effect.flatMap((status) =>
            status >= 200 && status < 300
              ? Effect.void
              : Effect.zipRight(
                  Effect.annotateLogs(Effect.logWarning("sms delivery failed"), { status }),
                  new SmsFailed(),
                ),
          ),
        ),
    }
  }),
)
