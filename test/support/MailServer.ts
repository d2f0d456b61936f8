import { Effect, Queue } from "effect"
import PostalMime, { type Email } from "postal-mime"
import { SMTPServer } from "smtp-server"

const credentials = { username: "parley", password: "only-the-mail-server-knows" }

const rejection = (responseCode: number, address: string) =>
  Object.assign(new Error(`no mail for ${address}`), { responseCode })

/**
 * Starts an SMTP server on a free local port. It requires credentials, and rejects recipients with the given
 * replies, in this order, before it accepts any. Returns its URL and password, the received mails, and the number of
 * recipients so far.
 */
export const startMailServer = (replies: ReadonlyArray<number> = []) =>
  Effect.gen(function* () {
    const mails = yield* Queue.unbounded<Email>()
    const remaining = [...replies]
    let recipients = 0
    const server = new SMTPServer({
      disabledCommands: ["STARTTLS"],
      allowInsecureAuth: true,
      disableReverseLookup: true,
      onAuth: ({ username, password }, _, done) =>
        username === credentials.username && password === credentials.password
          ? done(null, { user: username })
          : done(new Error("wrong credentials")),
      onRcptTo: ({ address }, _, done) => {
        recipients++
        const reply = remaining.shift()
        done(reply === undefined ? null : rejection(reply, address))
      },
      onData: (stream, _, done) => {
        const chunks: Array<Buffer> = []
        stream.on("data", (chunk: Buffer) => chunks.push(chunk))
        stream.on("end", () => {
          void PostalMime.parse(Buffer.concat(chunks)).then((mail) => {
            Queue.unsafeOffer(mails, mail)
            done()
          })
        })
      },
    })
    const port = yield* Effect.acquireRelease(
      Effect.async<number>((resume) => {
        const { server: socket } = server
        server.listen(0, "127.0.0.1", () => {
          const address = socket.address()
          resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0))
        })
      }),
      () => Effect.async<void>((resume) => server.close(() => resume(Effect.void))),
    )
    return {
      password: credentials.password,
      url: `smtp://${credentials.username}:${credentials.password}@127.0.0.1:${port}`,
      mails,
      recipients: () => recipients,
    }
  })
