import { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect } from "effect"
// A path, because the package exports its script for browsers neither as a file nor as text.
import scriptPath from "../../node_modules/@scalar/api-reference/dist/browser/standalone.js" with {
  type: "file",
}

/**
 * Limits the page to resources and connections of this server. Scalar needs inline styles, and WebAssembly
 * for hashing; no other script than ours runs.
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
  agent: { disabled: true },
  mcp: { disabled: true },
  showDeveloperTools: "never",
  defaultOpenAllTags: false,
  documentDownloadType: "json",
  authentication: { preferredSecurityScheme: "bearer" },
}

const attribute = (value: unknown) => JSON.stringify(value).replace(/&/g, "&amp;").replace(/'/g, "&#39;")

// URLs are relative, so that the page works behind a proxy that adds a path.
const html = (hash: string) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Parley: API reference</title>
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <link rel="icon" href="data:," />
  </head>
  <body>
    <noscript>The OpenAPI document: <a href="openapi.json">openapi.json</a></noscript>
    <script id="api-reference" data-url="openapi.json" data-configuration='${attribute(configuration)}'></script>
    <script src="docs/scalar.js?v=${hash}"></script>
  </body>
</html>
`

const gzip = async (text: string) =>
  new Uint8Array(
    await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer(),
  )

const load = async () => {
  const javascript = await Bun.file(scriptPath).text()
  return { javascript, hash: new Bun.CryptoHasher("sha256").update(javascript).digest("hex").slice(0, 16) }
}

/**
 * Makes the handlers of the reference page and its script, 4.9 MB, loaded on the first request for either.
 * The script's URL contains a hash of its content, so that browsers may cache it forever.
 */
export const makeReference = Effect.gen(function* () {
  const loaded = yield* Effect.cached(Effect.promise(load))
  const gzipped = yield* Effect.cached(
    Effect.flatMap(loaded, ({ javascript }) => Effect.promise(() => gzip(javascript))),
  )
  const page = Effect.map(loaded, ({ hash }) =>
    HttpServerResponse.html(html(hash)).pipe(
      HttpServerResponse.setHeaders({
        "content-security-policy": contentSecurityPolicy,
        "referrer-policy": "no-referrer",
        "cache-control": "no-cache",
      }),
    ),
  )
  const headers = {
    "cache-control": "public, max-age=31536000, immutable",
    vary: "Accept-Encoding",
  }
  const contentType = "text/javascript; charset=utf-8"
  const script = Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    return /\bgzip\b/.test(request.headers["accept-encoding"] ?? "")
      ? HttpServerResponse.uint8Array(yield* gzipped, {
          contentType,
          headers: { ...headers, "content-encoding": "gzip" },
        })
      : HttpServerResponse.text((yield* loaded).javascript, { contentType, headers })
  })
  return { page, script }
})
