import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { RateLimits } from "../../../http/Annotations"
import { example } from "../../../http/Example"
import { Fields } from "../../../http/Fields"
import { rateLimits } from "../../../http/RateLimitPolicy"

const text = (description: string) => Schema.optional(Schema.String).annotations({ description })

const token = text("The token of the link that the server prints at its start")

const page = HttpApiSchema.Text({ contentType: "text/html" }).annotations({
  description: "A page without scripts",
  ...example("<!doctype html>…"),
})

const SetupForm = Fields({
  token,
  email: text("The email address to sign in with"),
  name: text("The display name: 2 to 50 characters"),
  password: text("8 to 256 characters, including an upper case letter, a lower case letter and a digit"),
})
  .annotations(
    example({
      token: "qZ0c8Xh3yQm5Wf7sJ1uTn9vBk2rLd4pGe6aYoIxSwDE",
      email: "ada@example.com",
      name: "Ada Lovelace",
      password: "SecurePass123!",
    }),
  )
  .pipe(HttpApiSchema.withEncoding({ kind: "UrlParams" }))

export const endpoints = HttpApiGroup.make("setup")
  .add(
    HttpApiEndpoint.get("setupPage", "/api/auth/setup")
      .setUrlParams(Fields({ token }))
      .addSuccess(page)
      .annotate(OpenApi.Summary, "Show the setup page")
      .annotate(
        OpenApi.Description,
        "Returns a page with a form for the first administrator. Each start of a server without an administrator prints a link to it, which works once; otherwise, the status is 403.",
      ),
  )
  .add(
    HttpApiEndpoint.post("createFirstAdmin", "/api/auth/setup")
      .setPayload(SetupForm)
      .addSuccess(page)
      .annotate(RateLimits, rateLimits.signUp)
      .annotate(OpenApi.Summary, "Create the first administrator")
      .annotate(
        OpenApi.Description,
        "Uses up the link and returns a page that says so. The page has status 403 for a link that does not work, 409 for an email address that has an account, and 422 for invalid input.",
      ),
  )
  .annotate(OpenApi.Title, "Setup")
  .annotate(OpenApi.Description, "The first administrator of a server.")
