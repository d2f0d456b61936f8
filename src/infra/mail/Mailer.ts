import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Config, Data, Effect, FiberSet, Layer, Option, Schedule } from "effect"
import { createTransport } from "nodemailer"
import { dataDir, parseConfig, urlConfig } from "../../domain/shared/ConfigHelpers"
import { type Mail, Mailer } from "../../domain/shared/Mailer"
import { PublicUrl } from "../../domain/shared/PublicUrl"

/** How many mails are delivered at the same time. */
const concurrency = 4

const connectionTimeout = 10_000
const socketTimeout = 30_000

/** Three retries: after 1, 4 and 16 seconds, each give or take a fifth. */
const retries = Schedule.intersect(Schedule.jittered(Schedule.exponential("1 second", 4)), Schedule.recurs(3))

/** How long shutdown waits for mails that are being delivered. */
const shutdownTimeout = "5 seconds"

const sender = /^(?:[^<>\r\n]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/

export const config = Config.all({
  smtpUrl: Config.option(urlConfig("smtp", "smtps")("SMTP_URL")),
  from: Config.option(
    parseConfig("an email address, with or without a name: Parley <parley@example.com>", (text) =>
      sender.test(text) ? Option.some(text) : Option.none(),
    )("MAIL_FROM"),
  ),
})

/** A failed attempt. Has no message: a server's reply may repeat the address. */
class DeliveryFailed extends Data.TaggedError("DeliveryFailed")<{
  readonly code: string | undefined
  /** The SMTP server's reply; 500 and above means that it will never accept the mail. */
  readonly reply: number | undefined
}> {}

const toDeliveryFailed = (error: unknown) => {
  const { code, responseCode } = Object(error) as { readonly [name: string]: unknown }
  return new DeliveryFailed({
    code: typeof code === "string" ? code : undefined,
    reply: typeof responseCode === "number" ? responseCode : undefined,
  })
}

type Deliver = (
  message: { from: string; to: { name: string; address: string } } & Omit<Mail, "to">,
) => Promise<unknown>

const smtpDelivery = (url: URL): Deliver => {
  const transport = createTransport({
    url: url.href,
    connectionTimeout,
    greetingTimeout: connectionTimeout,
    socketTimeout,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return (message) => transport.sendMail(message)
}

/** Writes mails to files, for a server without SMTP: `DATA_DIR/mail/*.eml`, sorted by time. */
const fileDelivery = (directory: string): Deliver => {
  const transport = createTransport({ streamTransport: true, buffer: true })
  return async (message) => {
    const { message: content } = await transport.sendMail(message)
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await writeFile(join(directory, `${Bun.randomUUIDv7()}.eml`), content, { mode: 0o600, flag: "wx" })
  }
}

/** Delivers mails to the server that `SMTP_URL` names, else to files. Logs failures without address or text. */
export const layer = Layer.scoped(
  Mailer,
  Effect.gen(function* () {
    const { smtpUrl, from } = yield* config
    const host = Option.match(yield* PublicUrl, { onNone: () => "localhost", onSome: (url) => url.hostname })
    const sentFrom = Option.getOrElse(from, () => `Parley <parley@${host}>`)
    const directory = join(yield* dataDir, "mail")
    const deliver = Option.match(smtpUrl, { onNone: () => fileDelivery(directory), onSome: smtpDelivery })

    const permits = yield* Effect.makeSemaphore(concurrency)
    const fibers = yield* FiberSet.make()
    yield* Effect.addFinalizer(() =>
      FiberSet.awaitEmpty(fibers).pipe(Effect.interruptible, Effect.timeoutOption(shutdownTimeout)),
    )

    const attempt = ({ to, ...mail }: Mail) =>
      Effect.tryPromise({
        try: () => deliver({ ...mail, from: sentFrom, to: { name: "", address: to } }),
        catch: toDeliveryFailed,
      }).pipe(permits.withPermits(1))

    const send = (mail: Mail) =>
      attempt(mail).pipe(
        Effect.retry({ schedule: retries, while: ({ reply = 0 }) => reply < 500 }),
        Effect.catchAll(({ code, reply }) =>
          Effect.annotateLogs(Effect.logWarning("mail delivery failed"), { code, reply }),
        ),
        (delivery) => FiberSet.run(fibers, delivery),
        Effect.asVoid,
      )

    return { send, reachesPeople: Option.isSome(smtpUrl) }
  }),
)
