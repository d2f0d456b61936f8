import { expect, test } from "bun:test"
import { Schema } from "effect"
import { Prompt } from "../../../src/domain/conversations/Conversations/Model"
import { lengthBetween, truncateAtWord } from "../../../src/domain/shared/Text"

test("lengthBetween counts code points and rejects far too long texts without counting them", () => {
  expect(lengthBetween("😀😀", 2, 2)).toBe(true)
  expect(lengthBetween("😀😀", 3, 9)).toBe(false)
  expect(lengthBetween("😀a", 0, 1)).toBe(false)
  expect(lengthBetween("", 0, 0)).toBe(true)
  expect(lengthBetween("a".repeat(50_000_000), 0, 10)).toBe(false)
})

test("Prompt accepts 100,000 characters of any kind and rejects blank or longer ones", () => {
  const isPrompt = Schema.is(Prompt)
  expect(isPrompt("😀".repeat(100_000))).toBe(true)
  expect(isPrompt("a".repeat(100_001))).toBe(false)
  expect(isPrompt(" \n")).toBe(false)
})

test("truncateAtWord cuts between words if possible and never within a character", () => {
  expect(truncateAtWord(`a${"😀".repeat(59)}`)).toBe(`a${"😀".repeat(59)}`)
  expect(truncateAtWord(`a${"😀".repeat(60)}`)).toBe(`a${"😀".repeat(59)}…`)
  expect(truncateAtWord(`${"word ".repeat(20)}`)).toBe(`${"word ".repeat(11)}word…`)
})
