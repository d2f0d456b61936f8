import type { Run, SplitByFont } from "./Fonts"
import type { Span } from "./MarkdownTree"

/** Lengths are in points. */
export const MARGIN = 56
export const A4: [number, number] = [595.28, 841.89]
const LINE_HEIGHT = 1.45

export const colors = { text: "#1f2328", muted: "#59636e", surface: "#f3f5f7", border: "#d5dae0" }

/** A line of text that fits its width. */
export type Line = ReadonlyArray<Run & { readonly width: number }>

interface LineStyle {
  readonly size: number
  readonly color?: string
  /** Fills the whole width behind the line. */
  readonly background?: string
}

/** Words, spaces and CJK characters with the punctuation that follows them. Long words break anywhere. */
const tokens =
  /\n|[^\S\n]+|[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}][、。,.!?！？，：；）」』】]*|[^\s\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]{1,40}/gu

/** Breaks text into lines and writes them on pages, from top to bottom. */
export const makeCanvas = (document: PDFKit.PDFDocument, split: SplitByFont) => {
  const [pageWidth, pageHeight] = A4
  const width = pageWidth - 2 * MARGIN
  const bottom = pageHeight - MARGIN
  let pages = 0
  let y = MARGIN

  const measure = ({ text, font }: Run, size: number) =>
    document.font(font).fontSize(size).widthOfString(text)

  const write = (text: string, x: number, baseline: number) =>
    document.text(text, x, baseline, { lineBreak: false, baseline: "alphabetic" })

  const newPage = () => {
    document.addPage()
    pages += 1
    y = MARGIN
    for (const number of split(String(pages), "regular")) {
      const x = (pageWidth - measure(number, 9)) / 2
      document.fillColor(colors.muted)
      write(number.text, x, pageHeight - MARGIN / 2)
    }
  }
  newPage()

  /** Starts a new page unless this height is left on the current one. */
  const reserve = (height: number) => {
    if (y + height > bottom) newPage()
  }

  /** Breaks a text into lines. Yields now and then, for other work to be done. */
  const breakLines = function* (spans: ReadonlyArray<Span>, size: number, maxWidth: number) {
    const lines: Array<Line> = []
    let line: Array<Run & { readonly width: number }> = []
    let used = 0
    const endLine = () => {
      lines.push(line)
      line = []
      used = 0
    }
    const add = (run: Run, width: number) => {
      const last = line.at(-1)
      if (last?.font === run.font)
        line[line.length - 1] = { ...last, text: last.text + run.text, width: last.width + width }
      else line.push({ ...run, width })
      used += width
    }
    for (const { text, style } of spans) {
      for (const [token] of text.matchAll(tokens)) {
        if (token === "\n") {
          endLine()
          continue
        }
        const runs = split(token.replaceAll("\t", "    "), style).map((run) => ({
          ...run,
          width: measure(run, size),
        }))
        const tokenWidth = runs.reduce((sum, run) => sum + run.width, 0)
        if (used + tokenWidth > maxWidth && used > 0) endLine()
        const isIgnored = used === 0 && lines.length > 0 && style !== "code" && token.trim() === ""
        if (isIgnored) continue
        if (tokenWidth <= maxWidth) for (const run of runs) add(run, run.width)
        else
          for (const { text, font } of runs)
            for (const character of text) {
              const run = { text: character, font }
              const width = measure(run, size)
              if (used + width > maxWidth && used > 0) endLine()
              add(run, width)
            }
        yield
      }
    }
    endLine()
    return lines
  }

  /** Writes the runs of a line at a height that is already reserved. */
  const writeLine = (line: Line, x: number, top: number, { size, color = colors.text }: LineStyle) => {
    let left = x
    document.fillColor(color)
    for (const { text, font, width } of line) {
      document.font(font).fontSize(size)
      write(text, left, top + size * 1.1)
      left += width
    }
  }

  /** Writes lines below each other, on as many pages as they need. */
  const drawLines = function* (lines: ReadonlyArray<Line>, x: number, style: LineStyle) {
    const height = style.size * LINE_HEIGHT
    for (const line of lines) {
      reserve(height)
      if (style.background !== undefined)
        document.rect(x - 6, y, width + MARGIN - x + 6, height).fill(style.background)
      writeLine(line, x, y, style)
      y += height
      yield
    }
  }

  return {
    width,
    right: MARGIN + width,
    reserve,
    breakLines,
    drawLines,
    writeLine,
    lineHeight: (size: number) => size * LINE_HEIGHT,
    /** The number of lines that fit on the rest of the page. */
    linesLeft: (size: number) => Math.floor((bottom - y) / (size * LINE_HEIGHT)),
    top: () => y,
    skip: (height: number) => {
      y += height
    },
    stroke: (x: number, top: number, width: number, height: number) =>
      document.rect(x, top, width, height).lineWidth(0.5).stroke(colors.border),
    rule: (x: number) => document.rect(x, y, MARGIN + width - x, 0.5).fill(colors.border),
  }
}

export type Canvas = ReturnType<typeof makeCanvas>
