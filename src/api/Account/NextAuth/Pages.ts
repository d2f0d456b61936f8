import { TooManySignIns } from "../../../domain/identity/SignInLimits/Errors"
import { html } from "../../../http/Html"
import { makePage } from "../../../http/HtmlPage"
import { formStyle } from "../formStyle"

const path = "/api/auth"

/** The codes in the query: those of NextAuth's client and pages, and of this server's errors. */
const errorTexts: Readonly<Record<string, string>> = {
  AccessDenied: "This account may not sign in.",
  RATE_LIMITED: "There were too many attempts. Please try again in a minute.",
  CredentialsSignin: "The email address or the password is wrong.",
  TooManySignIns: new TooManySignIns({ retryAfter: 0 }).message,
  TwoFactorRequired: "This account has a second factor. Sign in with an app that asks for it.",
  SessionRequired: "Sign in to see this page.",
}

const errorText = (code: string) => errorTexts[code] ?? "Signing in failed. Please try again."

const expiredForm = "The form was out of date. Please try again."

interface FormPage {
  readonly csrfToken: string
  readonly callbackUrl: string
  /** Whether the form was submitted before without the token in the browser's cookie. */
  readonly wasRejected: boolean
}

const alert = (text: string | undefined) =>
  text === undefined ? undefined : html`<p role="alert">${text}</p>\n`

const hiddenFields = ({
  csrfToken,
  callbackUrl,
}: FormPage) => html`<input type="hidden" name="csrfToken" value="${csrfToken}">
<input type="hidden" name="callbackUrl" value="${callbackUrl}">`

/** Makes the pages of NextAuth. Browsers check where a form leads even after a redirect: to these origins. */
export const makePages = (origins: ReadonlyArray<string>) => {
  const { respond } = makePage({ style: formStyle, formAction: ["'self'", ...origins].join(" ") })

  const signIn = (page: FormPage & { readonly error: string | undefined }) => {
    const error = page.error === undefined ? undefined : errorText(page.error)
    return respond(
      "Sign in",
      html`<h1>Sign in</h1>
${alert(page.wasRejected ? expiredForm : error)}<form method="post" action="${path}/callback/credentials">
${hiddenFields(page)}
<label>Email <input type="email" name="email" autocomplete="username" required autofocus></label>
<label>Password <input type="password" name="password" autocomplete="current-password" required></label>
<button type="submit">Sign in</button>
</form>
`,
    )
  }

  const signOut = (page: FormPage) =>
    respond(
      "Sign out",
      html`<h1>Sign out</h1>
${alert(page.wasRejected ? expiredForm : undefined)}<p>Do you want to sign out on this device?</p>
<form method="post" action="${path}/signout">
${hiddenFields(page)}
<button type="submit" autofocus>Sign out</button>
</form>
`,
    )

  const error = (code: string) =>
    respond(
      "Sign-in failed",
      html`<h1>Sign-in failed</h1>
<p>${errorText(code)}</p>
<p><a href="${path}/signin">Sign in</a></p>
`,
      { status: code === "AccessDenied" ? 403 : 200 },
    )

  return { signIn, signOut, error }
}
