import { markdownOptions } from "../Markdown"
import type { FontStyle } from "./Fonts"

export interface Element {
  readonly type: string
  readonly props: {
    readonly children?: ReadonlyArray<Node>
    readonly start?: number
    readonly checked?: boolean
    readonly alt?: string
  }
}
export type Node = string | Element

/** A text in one style. A line feed in it starts a new line. */
export interface Span {
  readonly text: string
  readonly style: FontStyle
}

/** Parses Markdown as pages do: the parser's elements for React are plain objects. */
export const parseMarkdown = (text: string): ReadonlyArray<Node> => {
  const root: unknown = Bun.markdown.react(text, {}, markdownOptions)
  return childrenOf(root as Element)
}

export const childrenOf = (node: Node): ReadonlyArray<Node> =>
  typeof node === "string" ? [] : (node.props.children ?? [])

const blocks = new Set("h1 h2 h3 h4 h5 h6 p ul ol li blockquote pre table thead tbody tr th td hr".split(" "))

export const isBlock = (node: Node): node is Element => typeof node !== "string" && blocks.has(node.type)

const styleOf = (type: string, outer: FontStyle): FontStyle => {
  if (type === "code") return "code"
  return type === "strong" && outer === "regular" ? "bold" : outer
}

const textOf = (node: Node) => {
  if (typeof node === "string") return node.replaceAll("\n", " ")
  if (node.type === "br") return "\n"
  return node.type === "img" ? (node.props.alt ?? "") : ""
}

/** Returns the text in nodes with its styles; walks without recursion, since emphasis can be nested deeply. */
export const spansOf = (nodes: ReadonlyArray<Node>, style: FontStyle): ReadonlyArray<Span> => {
  const spans: Array<Span> = []
  const stack = nodes.map((node) => ({ node, style })).reverse()
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { node, style } = next
    const text = textOf(node)
    if (text !== "") spans.push({ text, style })
    if (typeof node === "string") continue
    const inner = styleOf(node.type, style)
    for (const child of childrenOf(node).toReversed()) stack.push({ node: child, style: inner })
  }
  return spans
}
