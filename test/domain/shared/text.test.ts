import { expect, test } from "bun:test"
import { Schema } from "effect"
import { Prompt } from "../../../src/domain/conversations/Conversations/Model"
import { lengthBetween, truncateAtWord } from "../../../src/domain/shared/Text"

test("Characters are counted as people count them, and what is much too long not to its end", () => {
  expect(lengthBetween("😀😀", 2, 2)).toBe(true)
  expect(lengthBetween("😀😀", 3, 9)).toBe(false)
  expect(lengthBetween("😀a", 0, 1)).toBe(false)
  expect(lengthBetween("", 0, 0)).toBe(true)
  expect(lengthBetween("a".repeat(50_000_000), 0, 10)).toBe(false)
})

test("A prompt may have 100,000 characters, whatever they are", () => {
  const isPrompt = Schema.is(Prompt)
  expect(isPrompt("😀".repeat(100_000))).toBe(true)
  expect(isPrompt("a".repeat(100_001))).toBe(false)
  expect(isPrompt(" \n")).toBe(false)
})

test("First words are cut between words or characters, never within one", () => {
  expect(truncateAtWord(`a${"😀".repeat(59)}`)).toBe(`a${"😀".repeat(59)}`)
  expect(truncateAtWord(`a${"😀".repeat(60)}`)).toBe(`a${"😀".repeat(59)}…`)
  expect(truncateAtWord(`${"word ".repeat(20)}`)).toBe(`${"word ".repeat(11)}word…`)
})
