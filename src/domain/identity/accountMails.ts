import { Option } from "effect"
import type { Mail } from "../shared/Mailer"

/** Returns the link to a page of the front end; without `PUBLIC_URL` only its path, as no host can be trusted. */
const linkTo = (path: string, token: string, publicUrl: Option.Option<URL>) => {
  const link = `${path}?${new URLSearchParams({ token })}`
  return Option.match(publicUrl, { onNone: () => link, onSome: (url) => new URL(link, url).href })
}

export const verificationMail = (to: string, token: string, publicUrl: Option.Option<URL>): Mail => ({
  to,
  subject: "Verify your email address",
  text: [
    "Somebody, probably you, registered an account with this email address. Open this link to verify it:",
    linkTo("/verify-email", token, publicUrl),
    "The link works once, within 24 hours. If it was not you, ignore this mail.",
  ].join("\n\n"),
})

export const resetMail = (to: string, token: string, publicUrl: Option.Option<URL>): Mail => ({
  to,
  subject: "Reset your password",
  text: [
    "Somebody, probably you, forgot the password of the account with this email address. Open this link to choose another one:",
    linkTo("/reset-password", token, publicUrl),
    "The link works once, within 30 minutes. If it was not you, ignore this mail; your password stays as it is.",
  ].join("\n\n"),
})
