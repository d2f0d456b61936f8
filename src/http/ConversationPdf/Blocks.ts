import { type Canvas, colors, type Line } from "./Canvas"
import { childrenOf, type Element, isBlock, type Node, spansOf } from "./MarkdownTree"

const SIZE = 10.5
const CODE_SIZE = 9
const INDENT = 16
const CELL_PADDING = 5

/** What is nested deeper, such as lists in lists, becomes one paragraph. */
const MAX_DEPTH = 10

/** A table with narrower columns is shown as text. */
const MIN_COLUMN = 40

const headingSizes: Readonly<Record<string, number>> = { h1: 15, h2: 13.5, h3: 12 }

interface Place {
  readonly x: number
  readonly depth: number
  readonly color: string
}

type Steps<A = void> = Generator<undefined, A, undefined>

const drawParagraph = function* (canvas: Canvas, nodes: ReadonlyArray<Node>, { x, color }: Place): Steps {
  const lines = yield* canvas.breakLines(spansOf(nodes, "regular"), SIZE, canvas.right - x)
  yield* canvas.drawLines(lines, x, { size: SIZE, color })
}

const drawHeading = function* (canvas: Canvas, heading: Element, { x, color }: Place): Steps {
  const size = headingSizes[heading.type] ?? SIZE
  canvas.skip(4)
  // Keeps a heading together with the line below it.
  canvas.reserve(3 * canvas.lineHeight(size))
  const lines = yield* canvas.breakLines(spansOf(childrenOf(heading), "bold"), size, canvas.right - x)
  yield* canvas.drawLines(lines, x, { size, color })
}

const drawCode = function* (canvas: Canvas, code: Element, { x }: Place): Steps {
  const text = childrenOf(code).join("").replace(/\n$/, "")
  const left = x + 6
  const lines = yield* canvas.breakLines([{ text, style: "code" }], CODE_SIZE, canvas.right - left - 6)
  yield* canvas.drawLines(lines, left, { size: CODE_SIZE, background: colors.surface })
}

const drawList = function* (canvas: Canvas, list: Element, place: Place): Steps {
  const start = list.props.start ?? 1
  const isOrdered = list.type === "ol"
  const indent = isOrdered ? Math.max(INDENT, 8 + 6 * String(start + childrenOf(list).length).length) : INDENT
  for (const [index, item] of childrenOf(list).entries()) {
    if (typeof item === "string") continue
    const { checked } = item.props
    const box = checked ? "[x]" : "[ ]"
    const bullet = isOrdered ? `${start + index}.` : "•"
    const marker = checked === undefined ? bullet : box
    canvas.reserve(canvas.lineHeight(SIZE))
    const [line = []] = yield* canvas.breakLines([{ text: marker, style: "regular" }], SIZE, canvas.width)
    canvas.writeLine(line, place.x, canvas.top(), { size: SIZE, color: place.color })
    if (childrenOf(item).length === 0) canvas.skip(canvas.lineHeight(SIZE))
    yield* drawBlocks(canvas, childrenOf(item), { ...place, x: place.x + indent, depth: place.depth + 1 }, 2)
  }
}

const rowsOf = (table: Element) =>
  childrenOf(table).flatMap((part) =>
    childrenOf(part).map((row) => ({ isHeader: (part as Element).type === "thead", cells: childrenOf(row) })),
  )

/** Draws a row of cells, in several parts if it is higher than the rest of the page. */
const drawRow = function* (
  canvas: Canvas,
  cells: ReadonlyArray<ReadonlyArray<Line>>,
  column: number,
  x: number,
): Steps {
  const height = Math.max(1, ...cells.map((lines) => lines.length))
  const lineHeight = canvas.lineHeight(CODE_SIZE)
  for (let first = 0; first < height; ) {
    canvas.reserve(Math.min(height - first, 5) * lineHeight + 2 * CELL_PADDING)
    const count = Math.min(height - first, Math.max(1, canvas.linesLeft(CODE_SIZE) - 1))
    const top = canvas.top()
    const rowHeight = count * lineHeight + 2 * CELL_PADDING
    for (const [index, lines] of cells.entries()) {
      const left = x + index * column
      canvas.stroke(left, top, column, rowHeight)
      for (const [row, line] of lines.slice(first, first + count).entries()) {
        const lineTop = top + CELL_PADDING + row * lineHeight
        canvas.writeLine(line, left + CELL_PADDING, lineTop, { size: CODE_SIZE })
        yield
      }
    }
    canvas.skip(rowHeight)
    first += count
  }
}

const drawTable = function* (canvas: Canvas, table: Element, place: Place): Steps {
  const rows = rowsOf(table)
  const column = (canvas.right - place.x) / Math.max(1, ...rows.map(({ cells }) => cells.length))
  for (const { isHeader, cells } of rows) {
    if (column < MIN_COLUMN) {
      yield* drawParagraph(
        canvas,
        cells.flatMap((cell) => [...childrenOf(cell), " | "]),
        place,
      )
      continue
    }
    const texts: Array<ReadonlyArray<Line>> = []
    for (const cell of cells) {
      const spans = spansOf(childrenOf(cell), isHeader ? "bold" : "regular")
      texts.push(yield* canvas.breakLines(spans, CODE_SIZE, column - 2 * CELL_PADDING))
    }
    yield* drawRow(canvas, texts, column, place.x)
  }
}

const drawBlock = function* (canvas: Canvas, block: Element, place: Place): Steps {
  const inner = { ...place, depth: place.depth + 1 }
  switch (block.type) {
    case "p":
      return yield* drawParagraph(canvas, childrenOf(block), place)
    case "pre":
      return yield* drawCode(canvas, block, place)
    case "ul":
    case "ol":
      return yield* drawList(canvas, block, place)
    case "blockquote": {
      const quote = { ...inner, x: place.x + INDENT, color: colors.muted }
      return yield* drawBlocks(canvas, childrenOf(block), quote)
    }
    case "table":
      return yield* drawTable(canvas, block, place)
    case "hr":
      return void canvas.rule(place.x)
    default:
      return yield* drawHeading(canvas, block, place)
  }
}

/** Draws blocks below each other; text between them is a paragraph. Yields now and then. */
const drawBlocks = function* (canvas: Canvas, nodes: ReadonlyArray<Node>, place: Place, gap = 6): Steps {
  if (place.depth > MAX_DEPTH) return yield* drawParagraph(canvas, nodes, place)
  let inline: Array<Node> = []
  for (const node of nodes) {
    if (!isBlock(node)) {
      inline.push(node)
      continue
    }
    if (inline.length > 0) yield* drawParagraph(canvas, inline, place)
    inline = []
    yield* drawBlock(canvas, node, place)
    canvas.skip(gap)
  }
  if (inline.length > 0) yield* drawParagraph(canvas, inline, place)
}

/** Draws a text in Markdown. */
export const drawMarkdown = (canvas: Canvas, nodes: ReadonlyArray<Node>, x: number) =>
  drawBlocks(canvas, nodes, { x, depth: 0, color: colors.text })
