import { promisify } from "node:util"
import { gzip } from "node:zlib"
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
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
  "frame-ancestors 'none'"

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
    <script id="api-reference" data-url="openapi.json" data-configuration='{
      "withDefaultFonts": false, "telemetry": false, "hideClientButton": true, "agent": { "disabled": true },
      "mcp": { "disabled": true }, "showDeveloperTools": "never", "defaultOpenAllTags": false,
      "documentDownloadType": "json", "authentication": { "preferredSecurityScheme": "bearer" }
    }'></script>
    <script src="docs/scalar.js?v=${hash}"></script>
  </body>
</html>
`

const load = async () => {
  const plain = new Uint8Array(await Bun.file(scriptPath).arrayBuffer())
  const hash = new Bun.CryptoHasher("sha256").update(plain).digest("hex").slice(0, 16)
  return { plain, gzipped: await promisify(gzip)(plain), hash }
}

/**
 * Makes the handlers of the reference page and its script, 4.9 MB, loaded on the first request for either.
 * The script's URL contains a hash of its content, so that browsers may cache it forever.
 */
export const makeReference = Effect.gen(function* () {
  const loaded = yield* Effect.cached(Effect.promise(load))
  const page = Effect.map(loaded, ({ hash }) =>
    HttpServerResponse.html(html(hash)).pipe(
      HttpServerResponse.setHeaders({
        "content-security-policy": contentSecurityPolicy,
        "referrer-policy": "no-referrer",
        "cache-control": "no-cache",
      }),
    ),
  )
  const script = Effect.gen(function* () {
    const { headers } = yield* HttpServerRequest.HttpServerRequest
    const { gzipped, plain } = yield* loaded
    const acceptsGzip = /\bgzip\b/.test(headers["accept-encoding"] ?? "")
    return HttpServerResponse.uint8Array(acceptsGzip ? gzipped : plain, {
      contentType: "text/javascript; charset=utf-8",
      headers: {
        "cache-control": "public, max-age=31536000, immutable",
        vary: "Accept-Encoding",
        ...(acceptsGzip ? { "content-encoding": "gzip" } : {}),
      },
    })
  })
  return { page, script }
})
