import { Html } from "./Html"

/**
 * Bun's own parser, because it takes 0.2 s for the worst 100,000 characters found, and JavaScript libraries
 * seconds: `markdown-it` 1.5 s, and a minute with links recognized.
 */
export const markdownOptions = { noHtmlBlocks: true, noHtmlSpans: true, autolinks: { url: true } }

/** No `javascript:`, nothing relative to this server. Attributes are read as they are escaped in the markup. */
const isAllowedUrl = (url: string | null) => url !== null && /^(?:https?:\/\/|mailto:)/i.test(url)

/** Adds what the parser does not know: it escapes all HTML, but allows any URL. */
const rewriter = new HTMLRewriter()
  .on("a", {
    element: (link) => {
      if (isAllowedUrl(link.getAttribute("href"))) link.setAttribute("rel", "noopener noreferrer nofollow")
      else link.removeAttribute("href")
    },
  })
  // Pages load nothing from other sites, which would learn who reads them.
  .on("img", {
    element: (image) => {
      const [source, text] = [image.getAttribute("src"), image.getAttribute("alt") || "image"]
      const link = `<a href="${source}" rel="noopener noreferrer nofollow">${text}</a>`
      image.replace(isAllowedUrl(source) ? link : text, { html: true })
    },
  })
  // A page's own headings are above those of a text in it.
  .on("h1, h2, h3, h4, h5, h6", {
    element: (heading) => {
      heading.tagName = `h${Math.min(6, Number(heading.tagName.slice(1)) + 2)}`
    },
  })
  // What is wider than a screen scrolls, with the keyboard too.
  .on("pre", { element: (code) => void code.setAttribute("tabindex", "0") })
  .on("table", {
    element: (table) => {
      table.before('<div class="scroll" tabindex="0">', { html: true }).after("</div>", { html: true })
    },
  })

/**
 * Renders untrusted Markdown (CommonMark with tables, strikethrough, task lists and autolinks). HTML in it
 * is shown as text, images become links, and links lead only to http, https and mail addresses.
 */
export const renderMarkdown = (text: string): Html =>
  new Html(rewriter.transform(Bun.markdown.html(text, markdownOptions)))
