import { expect } from "bun:test"
import { readdir, readFile, stat } from "node:fs/promises"
import { createServer } from "node:net"
import { join } from "node:path"
import { Effect, Layer, Logger, LogLevel, Queue } from "effect"
import PostalMime from "postal-mime"
import { configProviderFromEnv } from "../../../src/domain/shared/ConfigHelpers"
import { Mailer } from "../../../src/domain/shared/Mailer"
import * as SmtpMailer from "../../../src/infra/mail/Mailer"
import { it } from "../../support/it"
import { startMailServer } from "../../support/MailServer"
import { temporaryFolder } from "../../support/TemporaryFolder"

const mail = {
  to: "grace@example.com",
  subject: "Ada invites you to Engines",
  text: "Sign in: a secret link",
}

const send = Effect.flatMap(Mailer, (mailer) => mailer.send(mail))

const withMailer = (settings: Record<string, string>) =>
  Effect.provide(
    SmtpMailer.layer.pipe(Layer.provide(Layer.setConfigProvider(configProviderFromEnv(settings)))),
  )

it.live("delivers a mail to the server of SMTP_URL with its credentials, from MAIL_FROM", () =>
  Effect.gen(function* () {
    const { url, mails } = yield* startMailServer()
    const settings = { SMTP_URL: url, MAIL_FROM: "Engines <noreply@engines.example>" }
    yield* send.pipe(withMailer(settings))
    expect(yield* Queue.take(mails)).toMatchObject({
      from: { name: "Engines", address: "noreply@engines.example" },
      to: [{ address: mail.to }],
      subject: mail.subject,
      text: `${mail.text}\n`,
    })
  }),
)

it.live("retries a delivery that the server refuses for now", () =>
  Effect.gen(function* () {
    const { url, mails, recipients } = yield* startMailServer([450])
    yield* Effect.zipRight(send, Queue.take(mails)).pipe(withMailer({ SMTP_URL: url }))
    expect(recipients()).toBe(2)
  }),
)

it.live("gives up a mail that the server will never accept, and logs neither its address nor its text", () =>
  Effect.gen(function* () {
    const { url, recipients } = yield* startMailServer([550, 550, 550])
    const logged: Array<string> = []
    const logger = Logger.replace(
      Logger.defaultLogger,
      Logger.map(Logger.structuredLogger, (entry) => void logged.push(JSON.stringify(entry))),
    )
    yield* send.pipe(
      withMailer({ SMTP_URL: url }),
      Logger.withMinimumLogLevel(LogLevel.All),
      Effect.provide(logger),
    )
    expect(recipients()).toBe(1)
    expect(logged).toHaveLength(1)
    expect(logged[0]).toContain("mail delivery failed")
    expect(logged[0]).toContain('"reply":550')
    expect(logged[0]).not.toContain("example.com")
    expect(logged[0]).not.toContain("secret")
  }),
)

it.live("returns at once while the mail server does not respond", () =>
  Effect.gen(function* () {
    const silent = createServer()
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => void silent.listen(0, "127.0.0.1", () => resume(Effect.void))),
      () => Effect.sync(() => silent.close()),
    )
    const address = silent.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    yield* Effect.timeout(send, "5 seconds").pipe(withMailer({ SMTP_URL: `smtp://127.0.0.1:${port}` }))
  }),
)

it.live("writes mails to private files in DATA_DIR without SMTP, also when shutting down", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    yield* Effect.zipRight(send, send).pipe(withMailer({ DATA_DIR: folder }))
    const directory = join(folder, "mail")
    const names = yield* Effect.promise(() => readdir(directory))
    expect(names).toEqual([expect.stringMatching(/\.eml$/), expect.stringMatching(/\.eml$/)])
    const path = join(directory, names[0] ?? "")
    const content = yield* Effect.promise(() => readFile(path))
    expect(yield* Effect.promise(() => PostalMime.parse(content))).toMatchObject({
      from: { name: "Parley", address: "parley@localhost" },
      to: [{ address: mail.to }],
      subject: mail.subject,
      text: `${mail.text}\n`,
    })
    expect((yield* Effect.promise(() => stat(path))).mode & 0o777).toBe(0o600)
  }),
)
