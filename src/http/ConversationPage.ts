import { HttpServerResponse } from "@effect/platform"
import { Effect, Stream } from "effect"
import type { Message, MessageWithMetadata } from "../domain/conversations/Conversations/Model"
import { roleNames } from "./ConversationExport/Text"
import { type Html, html } from "./Html"
import { makePage } from "./HtmlPage"
import { renderMarkdown } from "./Markdown"

const style = `
header { margin-bottom: 2.5rem; padding-bottom: 1.25rem; border-bottom: 1px solid var(--border); }
header p { margin: 0; }
article { margin: 0 0 2rem; }
article > h2 { margin: 0 0 .375rem; font-size: .8125rem; font-weight: 600; color: var(--muted); }
article time { font-weight: 400; }
.user .text { padding: .75rem 1rem; background: var(--surface); border-radius: .75rem; }
.text > :first-child { margin-top: 0; }
.text > :last-child { margin-bottom: 0; }
.text :is(h3, h4, h5, h6) { margin: 1.75rem 0 .5rem; font-size: 1.0625rem; line-height: 1.35; }
.text h3 { font-size: 1.25rem; }
.text h4 { font-size: 1.125rem; }
.text :where(p, ul, ol, pre, blockquote, .scroll) { margin: .75rem 0; }
.text :is(ul, ol) { padding-left: 1.5rem; }
.text li { margin: .25rem 0; }
.text .task-list-item { list-style: none; margin-left: -1.375rem; }
.text .task-list-item-checkbox { margin: 0 .5rem 0 0; }
.text blockquote { margin-inline: 0; padding-left: 1rem; border-left: 3px solid var(--border); color: var(--muted); }
.text hr { margin: 2rem 0; border: 0; border-top: 1px solid var(--border); }
.text :is(code, pre) { font: .875em/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
.text code { padding: .125em .3125em; background: var(--surface); border-radius: .25rem; }
.text pre {
  padding: .875rem 1rem; overflow-x: auto; tab-size: 2;
  background: var(--surface); border: 1px solid var(--border); border-radius: .5rem;
}
.text pre code { padding: 0; background: none; font-size: inherit; }
.user .text :is(code, pre) { background: var(--background); }
.text .scroll { overflow-x: auto; }
.text table { border-collapse: collapse; }
.text :is(th, td) { padding: .375rem .75rem; border: 1px solid var(--border); }
.text th { background: var(--surface); }
.text th:not([align]) { text-align: start; }
`

const { frame, headers: pageHeaders, respond } = makePage({ style })

/** Responds with another page that looks the same, such as for an error. */
export const respondWithPage = respond

const timeFormat = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "long",
  timeStyle: "short",
  timeZone: "UTC",
})

export const time = (at: Date) =>
  html`<time datetime="${at.toISOString()}">${timeFormat.format(at)} UTC</time>`

export const messageCount = (count: number) => (count === 1 ? "1 message" : `${count} messages`)

type PageMessage = Pick<Message, "role" | "content" | "createdAt"> &
  Partial<Pick<MessageWithMetadata, "attachments">>

const article = ({
  role,
  content,
  createdAt,
  attachments = [],
}: PageMessage) => html`<article class="${role}">
<h2>${roleNames[role]} · ${time(createdAt)}</h2>
<div class="text" dir="auto" lang="">
${renderMarkdown(content)}</div>
${attachments.map(({ name, mediaType }) => html`<p class="muted">${name} (${mediaType})</p>\n`)}</article>
`

/** Lets other requests be served before a long message, and now and then between short ones. */
const yieldBefore = ({ content }: PageMessage, index: number) =>
  content.length > 5_000 || index % 50 === 49 ? Effect.sleep(0) : Effect.void

interface ConversationPage {
  readonly title: string
  /** One line about the conversation. */
  readonly about: Html
  readonly messages: ReadonlyArray<PageMessage>
}

/** Responds with a conversation as a page without scripts. */
export const conversationPage = (
  { title, about, messages }: ConversationPage,
  headers: Readonly<Record<string, string>> = {},
) => {
  const { start, end } = frame(title)
  const header = html`<header>
<h1 dir="auto">${title}</h1>
<p class="muted">${about}</p>
</header>
`
  const articles = Stream.fromIterable(messages).pipe(
    Stream.zipWithIndex,
    Stream.mapEffect(([message, index]) => Effect.as(yieldBefore(message, index), article(message))),
  )
  const body = Stream.concat(Stream.concat(Stream.make(start, header), articles), Stream.make(end))
  return HttpServerResponse.stream(Stream.encodeText(Stream.map(body, ({ markup }) => markup)), {
    contentType: "text/html; charset=utf-8",
    headers: { ...pageHeaders, ...headers },
  })
}
