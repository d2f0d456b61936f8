import { isWireBody, type WireChoice } from "./ResponseFields"

const indexOf = ({ index }: WireChoice) => (typeof index === "number" ? index : 0)

/**
 * Selects the choice of each chunk that belongs to the answer. Only one answer is requested: a choice with
 * another index than the first one belongs to another answer, unless the indexes count the chunks or the
 * pieces of text.
 */
export class ChoiceSelector {
  #first: number | undefined
  #last = 0
  #chunks = 0
  #texts = 0
  #isCounting = true

  select(choices: unknown): WireChoice | undefined {
    if (!Array.isArray(choices)) return undefined
    const found: ReadonlyArray<WireChoice> = choices.filter(isWireBody)
    if (found.length > 1) return found.find((choice) => indexOf(choice) === 0) ?? found[0]
    const [choice] = found
    if (choice === undefined) return undefined
    this.#first ??= indexOf(choice)
    const index = indexOf(choice) - this.#first
    if (index < this.#last) this.#isCounting = false
    const isCounted = index === this.#chunks || index === this.#texts || index === this.#last
    if (index !== 0 && !(this.#isCounting && isCounted)) return undefined
    this.#chunks++
    this.#last = index
    return choice
  }

  /** Counts a chunk with text. */
  countText() {
    this.#texts++
  }
}
