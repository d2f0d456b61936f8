import { HttpServerResponse } from "@effect/platform"
import { Html, html } from "./Html"

/** Type, colours and controls of every page: dark or light as the reader's system is. */
const baseStyle = `
:root {
  color-scheme: light dark;
  --text: light-dark(#1f2328, #e6e8eb);
  --muted: light-dark(#59636e, #9aa4af);
  --background: light-dark(#ffffff, #16181c);
  --surface: light-dark(#f3f5f7, #21252b);
  --border: light-dark(#d5dae0, #3a4048);
  --accent: light-dark(#0b57d0, #8ab4f8);
  --on-accent: light-dark(#ffffff, #0b1d3a);
  --danger: light-dark(#b3261e, #f2b8b5);
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--background); color: var(--text);
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  overflow-wrap: break-word;
}
main { max-width: 46rem; margin: 0 auto; padding: clamp(1.5rem, 5vw, 4rem) 1.25rem; }
h1 { margin: 0 0 .5rem; font-size: clamp(1.5rem, 4vw, 2rem); line-height: 1.25; text-wrap: balance; }
a { color: var(--accent); }
.muted { color: var(--muted); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`

const sha256 = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("base64")

/** What all pages of one kind look like, and where their forms may lead. */
interface PageKind {
  /** Added to the style that all pages have. */
  readonly style: string
  /** Sources for the CSP directive `form-action`; none by default. */
  readonly formAction?: string
}

interface PageOptions {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** The language of the page's own words. */
const language = "en"

/**
 * Makes pages of one kind: HTML without scripts, which loads nothing, is not for search engines, and does
 * not tell other sites its URL.
 */
export const makePage = ({ style, formAction = "'none'" }: PageKind) => {
  const css = baseStyle + style
  const pageHeaders = {
    "content-security-policy": [
      "default-src 'none'",
      "img-src data:",
      `style-src 'sha256-${sha256(css)}'`,
      `form-action ${formAction}`,
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
    // With "no-referrer", browsers would also hide from this server where its own forms come from.
    "referrer-policy": "same-origin",
    "x-robots-tag": "noindex",
  }

  /** The beginning and the end of a page, for its body to be streamed in between. */
  const frame = (title: string) => ({
    start: html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${new Html(css)}</style>
</head>
<body>
<main>
`,
    end: html`</main>
</body>
</html>
`,
  })

  const respond = (title: string, body: Html, { status = 200, headers }: PageOptions = {}) => {
    const { start, end } = frame(title)
    return HttpServerResponse.text(start.markup + body.markup + end.markup, {
      status,
      contentType: "text/html; charset=utf-8",
      headers: { ...pageHeaders, ...headers },
    })
  }

  return { headers: pageHeaders, frame, respond }
}
