import { setImmediate } from "node:timers/promises"
import { Effect } from "effect"
import type { Conversation, MessageWithMetadata } from "../domain/conversations/Conversations/Model"
import { roleNames } from "./ConversationExport/Text"
import { drawMarkdown } from "./ConversationPdf/Blocks"
import { A4, type Canvas, colors, MARGIN, makeCanvas } from "./ConversationPdf/Canvas"
import { addFonts, type FontStyle } from "./ConversationPdf/Fonts"
import { parseMarkdown } from "./ConversationPdf/MarkdownTree"

const drawText = function* (canvas: Canvas, text: string, style: FontStyle, size: number, color: string) {
  const lines = yield* canvas.breakLines([{ text, style }], size, canvas.width)
  yield* canvas.drawLines(lines, MARGIN, { size, color })
}

const drawMessage = function* (
  canvas: Canvas,
  { role, createdAt, content, attachments }: MessageWithMetadata,
) {
  canvas.skip(14)
  canvas.reserve(60)
  yield* drawText(canvas, roleNames[role], "bold", 11, colors.text)
  yield* drawText(canvas, createdAt.toISOString(), "regular", 8.5, colors.muted)
  canvas.skip(4)
  yield* drawMarkdown(canvas, parseMarkdown(content), MARGIN)
  for (const { name, mediaType } of attachments)
    yield* drawText(canvas, `${name} (${mediaType})`, "regular", 9, colors.muted)
}

const drawConversation = function* (
  canvas: Canvas,
  title: string,
  messages: ReadonlyArray<MessageWithMetadata>,
) {
  yield* drawText(canvas, title, "bold", 19, colors.text)
  for (const message of messages) yield* drawMessage(canvas, message)
}

/** The longest time that drawing keeps the server from other work, in milliseconds. */
const SLICE = 10

/** Runs a generator to its end, with pauses in which other requests are served. */
const runInSlices = async (steps: Generator<undefined, void, undefined>, signal: AbortSignal) => {
  let sliceEnd = performance.now() + SLICE
  for (const _ of steps) {
    if (performance.now() < sliceEnd) continue
    await setImmediate()
    signal.throwIfAborted()
    sliceEnd = performance.now() + SLICE
  }
}

const render = async (
  { title, createdAt }: Conversation,
  messages: ReadonlyArray<MessageWithMetadata>,
  signal: AbortSignal,
) => {
  // Loaded only now, because few processes ever write a PDF.
  const { default: Document } = await import("pdfkit")
  const document = new Document({
    autoFirstPage: false,
    size: A4,
    // No text reaches pdfkit's own margins, which would make it add pages.
    margin: 0,
    font: "",
    info: { Title: title, CreationDate: createdAt },
  })
  const chunks: Array<Uint8Array> = []
  document.on("data", (chunk: Uint8Array) => chunks.push(chunk))
  const ended = new Promise((resolve) => document.on("end", resolve))
  const canvas = makeCanvas(document, addFonts(document))
  await runInSlices(drawConversation(canvas, title, messages), signal)
  document.end()
  await ended
  return Buffer.concat(chunks)
}

/**
 * Renders a conversation as a PDF with page numbers. Characters that the fonts do not have, such as Arabic
 * ones and emoji, are shown as boxes.
 */
export const conversationPdf = (conversation: Conversation, messages: ReadonlyArray<MessageWithMetadata>) =>
  Effect.promise((signal) => render(conversation, messages, signal))
