import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, HttpServerResponse, OpenApi } from "@effect/platform"
import { Clock, Effect, Schema } from "effect"
import { Conversations } from "../../domain/conversations/Conversations"
import type { ConversationWithMessages } from "../../domain/conversations/Conversations/Model"
import { Authenticated, withActor } from "../../http/Authenticated"
import { exportDisposition } from "../../http/ConversationExport/Disposition"
import { markdownSection, toMarkdown, toPlainText } from "../../http/ConversationExport/Text"
import { conversationPage, messageCount, time } from "../../http/ConversationPage"
import { conversationPdf } from "../../http/ConversationPdf"
import { example } from "../../http/Example"
import { Fields } from "../../http/Fields"
import { html } from "../../http/Html"
import { defineResource } from "../../http/Resource"
import { ChatBody, chatExample, chatParam, MessageBody, messageExample } from "./ChatBody"
import { errors } from "./Errors"

const ChatExport = Schema.Struct({ chat: ChatBody, messages: Schema.Array(MessageBody) }).annotations({
  description: "The chat and all its messages",
})

const encodeExport = Schema.encodeSync(ChatExport)

const Format = Schema.Literal("json", "pdf", "md", "markdown", "txt", "html")

const file = (contentType: string, description: string, text: string) =>
  Schema.String.pipe(HttpApiSchema.withEncoding({ kind: "Text", contentType })).annotations({
    description,
    ...example(text),
  })

const endpoints = HttpApiGroup.make("export")
  .add(
    HttpApiEndpoint.get("exportChat")`/api/export/chat/${chatParam("id")}`
      .setUrlParams(
        Fields({
          format: Schema.optionalWith(Format, { default: () => "json" }).annotations({
            description: "The format of the file; `markdown` is an alias of `md`",
          }),
        }),
      )
      .addSuccess(ChatExport)
      .addSuccess(
        file("text/markdown", "Markdown", `# ${chatExample.title}\n\n## User\n\n${messageExample.content}\n`),
      )
      .addSuccess(file("text/plain", "Plain text", `${chatExample.title}\n\n\n${messageExample.content}\n`))
      .addSuccess(file("text/html", "A page without scripts", `<h1>${chatExample.title}</h1>`))
      .addSuccess(
        HttpApiSchema.Uint8Array({ contentType: "application/pdf" }).annotations({ description: "PDF, A4" }),
      )
      .addError(errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "Export a chat")
      .annotate(
        OpenApi.Description,
        "Returns a chat with all its messages as a file, also to the other members of its project. `Content-Disposition` names it `chat_<title>_<date>`. A PDF has the glyphs of Latin, Cyrillic, Greek, Chinese, Japanese and Korean; other characters, such as Arabic ones and emoji, are shown as boxes in it.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Export")
  .annotate(OpenApi.Description, "Chats as files.")

const exportResponse = (
  { conversation, messages }: ConversationWithMessages,
  format: typeof Format.Type,
  now: Date,
) => {
  const { title, createdAt } = conversation
  const extension = format === "markdown" ? "md" : format
  const headers = { "content-disposition": exportDisposition("chat", title, extension, now) }
  const text = (contentType: string, content: string) =>
    HttpServerResponse.text(content, { contentType: `${contentType}; charset=utf-8`, headers })
  switch (format) {
    case "json":
      return HttpServerResponse.unsafeJson(encodeExport({ chat: conversation, messages }), { headers })
    case "txt":
      return text("text/plain", toPlainText(title, messages))
    case "html": {
      const about = html`${messageCount(messages.length)}, started on ${time(createdAt)}`
      return conversationPage({ title, about, messages }, headers)
    }
    case "pdf":
      return Effect.map(conversationPdf(conversation, messages), (bytes) =>
        HttpServerResponse.uint8Array(bytes, { contentType: "application/pdf", headers }),
      )
    default: {
      const sections = messages.map((message) => markdownSection(message, { withTime: true }))
      return text("text/markdown", toMarkdown(title, sections))
    }
  }
}

const allMessages = { offset: 0, limit: 2 ** 31 - 1 }

export const chatExport = defineResource({
  group: endpoints,
  prefixes: ["/api/export"],
  handlers: (handlers) =>
    Effect.map(Conversations, (conversations) =>
      handlers.handle(
        "exportChat",
        withActor((actor, { path: { id }, urlParams: { format } }) =>
          Effect.gen(function* () {
            const conversation = yield* conversations.get(actor, id)
            const { items } = yield* conversations.messagesWithMetadata(actor, id, allMessages)
            const now = new Date(yield* Clock.currentTimeMillis)
            return yield* exportResponse({ conversation, messages: items }, format, now)
          }),
        ),
      ),
    ),
})
