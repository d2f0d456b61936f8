/** Text of a model, and the reasoning that was in it. */
interface Split {
  readonly text: string
  readonly reasoning: string
}

const openings = ["<think>", "<thinking>", "<thought>", "<reasoning>"]

/** Whitespace before the first tag that is waited for. */
const MAX_WHITESPACE = 1000

/** Returns the length of the longest end of the text with which the tag may begin. */
const partialTagLength = (text: string, tag: string) => {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--) {
    if (tag.startsWith(text.slice(-length))) return length
  }
  return 0
}

/**
 * Separates the reasoning that a model writes into its text: `<think>…</think>` at the beginning, with the
 * white space around it. The text may be split anywhere; only what may be part of a tag is held back.
 */
export class ThinkTags {
  #held = ""
  /** The tag that ends the reasoning; undefined outside of it. */
  #closing: string | undefined
  #isAnswer = false
  #hasReasoning = false

  push(text: string): Split {
    if (this.#isAnswer) return { text, reasoning: "" }
    this.#held += text
    let reasoning = ""
    while (this.#closing !== undefined || this.#open()) {
      if (this.#closing === undefined) return { text: this.#take(), reasoning }
      const end = this.#held.indexOf(this.#closing)
      const isClosed = end >= 0
      const length = isClosed ? end : this.#held.length - partialTagLength(this.#held, this.#closing)
      reasoning += this.#held.slice(0, length)
      this.#held = this.#held.slice(isClosed ? end + this.#closing.length : length)
      if (!isClosed) break
      this.#closing = undefined
    }
    return { text: "", reasoning }
  }

  /** Returns what is held back, at the end of the text. */
  end(): Split {
    const isReasoning = this.#closing !== undefined
    if (!isReasoning && this.#hasReasoning) this.#held = this.#held.trimStart()
    const rest = this.#take()
    return isReasoning ? { text: "", reasoning: rest } : { text: rest, reasoning: "" }
  }

  #take() {
    const text = this.#held
    this.#held = ""
    return text
  }

  /** Tells whether the text begins with a tag or with the answer; false while that is open. */
  #open(): boolean {
    const trimmed = this.#held.trimStart()
    const opening = openings.find((tag) => trimmed.startsWith(tag))
    if (opening !== undefined) {
      this.#hasReasoning = true
      this.#closing = `</${opening.slice(1)}`
      this.#held = trimmed.slice(opening.length).trimStart()
      return true
    }
    if (this.#held.length < MAX_WHITESPACE && openings.some((tag) => tag.startsWith(trimmed))) return false
    this.#isAnswer = true
    if (this.#hasReasoning) this.#held = trimmed
    return true
  }
}

/**
 * Separates reasoning that ends with `</think>` on a line of its own without a tag before it: the templates
 * of some models contain that tag. Only a complete text tells.
 */
export const splitUnopened = (text: string): Split => {
  const match = /^\s*([\s\S]*?)\s*\n<\/think>\s*\n/.exec(text)
  const reasoning = match?.[1] ?? ""
  if (match === null || reasoning.includes("<think")) return { text, reasoning: "" }
  return { text: text.slice(match[0].length), reasoning }
}
