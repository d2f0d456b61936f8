import { Effect, ParseResult, Schema } from "effect"
import { AdminSetup } from "../../../domain/identity/AdminSetup"
import { DisplayName, Email, StrongPassword } from "../../../domain/identity/Users/Model"
import { type Html, html } from "../../../http/Html"
import { makePage } from "../../../http/HtmlPage"
import { defineResource } from "../../../http/Resource"
import { formStyle } from "../formStyle"
import { endpoints } from "./Endpoints"

const { respond } = makePage({ style: formStyle, formAction: "'self'" })

/** What the form contains, valid or not. */
interface Input {
  readonly token?: string | undefined
  readonly email?: string | undefined
  readonly name?: string | undefined
  readonly password?: string | undefined
}

const decode = Schema.decodeUnknown(
  Schema.Struct({ email: Email, name: DisplayName, password: StrongPassword }),
)

const title = "Create the first administrator"

const show = (status: number, body: Html) => respond(title, html`<h1>${title}</h1>\n${body}`, { status })

const showForm = ({ token, email, name }: Input, status = 200, error?: string) =>
  show(
    status,
    html`${error && html`<p role="alert">${error}</p>`}
<form method="post" action="/api/auth/setup">
<input type="hidden" name="token" value="${token}">
<label>Email <input type="email" name="email" value="${email}" autocomplete="username" required autofocus></label>
<label>Name <input name="name" value="${name ?? "Administrator"}" autocomplete="name" required></label>
<label>Password <input type="password" name="password" autocomplete="new-password" required></label>
<button type="submit">Create</button>
</form>
`,
  )

const showMessage = (status: number, message: string) =>
  show(status, html`<p>${message}</p>\n<p><a href="/api/auth/signin">Sign in</a></p>\n`)

/** Says which field is invalid and why, without repeating it. */
const describe = (error: ParseResult.ParseError) => {
  const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
  return `The ${issue?.path.join(".")} ${issue?.message}.`
}

export const setup = defineResource({
  group: endpoints,
  prefixes: [],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const adminSetup = yield* AdminSetup
      return handlers
        .handle("setupPage", ({ urlParams: { token = "" } }) =>
          adminSetup.check(token).pipe(
            Effect.as(showForm({ token })),
            Effect.catchTag("InvalidSetupToken", ({ message }) => Effect.succeed(showMessage(403, message))),
          ),
        )
        .handle("createFirstAdmin", ({ payload }) =>
          Effect.flatMap(decode(payload), (input) => adminSetup.createAdmin(payload.token ?? "", input)).pipe(
            Effect.map(({ email }) => showMessage(200, `${email} is now an administrator.`)),
            Effect.catchTags({
              ParseError: (error) => Effect.succeed(showForm(payload, 422, describe(error))),
              EmailTaken: ({ message }) => Effect.succeed(showForm(payload, 409, message)),
              InvalidSetupToken: ({ message }) => Effect.succeed(showMessage(403, message)),
            }),
          ),
        )
    }),
})
