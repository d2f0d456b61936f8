import { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect } from "effect"
import { version } from "../frame/Version"

/**
 * Everything that the page needs comes from here, and it can speak to no other host. Scalar writes
 * its styles into the page and hashes with a bit of WebAssembly; beyond that, no script but ours runs.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ")

const configuration = {
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showToolbar: "never",
  defaultOpenAllTags: false,
  documentDownloadType: "json",
  authentication: { preferredSecurityScheme: "bearer" },
}

const attribute = (value: unknown) => JSON.stringify(value).replace(/&/g, "&amp;").replace(/'/g, "&#39;")

// Addresses are relative, so that the page works behind a proxy that adds a path.
const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Parley: API reference</title>
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <link rel="icon" href="data:," />
  </head>
  <body>
    <noscript>The same as a document: <a href="openapi.json">openapi.json</a></noscript>
    <script id="api-reference" data-url="openapi.json" data-configuration='${attribute(configuration)}'></script>
    <script src="docs/scalar.js?v=${version}"></script>
  </body>
</html>
`

/** The reference page, for browsers. */
export const page = Effect.succeed(
  HttpServerResponse.html(html).pipe(
    HttpServerResponse.setHeaders({
      "content-security-policy": contentSecurityPolicy,
      "referrer-policy": "no-referrer",
      "cache-control": "no-cache",
    }),
  ),
)

const gzip = async (text: string) =>
  new Uint8Array(
    await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer(),
  )

/** The page's script, 3.4 MB: loaded and packed when it is first asked for. */
export const makeScript = Effect.gen(function* () {
  const load = yield* Effect.cached(
    Effect.promise(async () => {
      const { javascript } = await import(
        "../../../node_modules/@effect/platform/dist/esm/internal/httpApiScalar.js"
      )
      return { javascript, packed: await gzip(javascript) }
    }),
  )
  const headers = {
    "cache-control": "public, max-age=31536000, immutable",
    vary: "Accept-Encoding",
  }
  return Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const { javascript, packed } = yield* load
    const contentType = "text/javascript; charset=utf-8"
    return /\bgzip\b/.test(request.headers["accept-encoding"] ?? "")
      ? HttpServerResponse.uint8Array(packed, {
          contentType,
          headers: { ...headers, "content-encoding": "gzip" },
        })
      : HttpServerResponse.text(javascript, { contentType, headers })
  })
})
