import { expect, test } from "bun:test"
import { ranked, snippetOf } from "../../../src/domain/chat/Search/Rules"

test("snippetOf shows the words around the term, whatever its case", () => {
  const text = `${"before ".repeat(50)}the Needle in it ${"after ".repeat(50)}`
  const snippet = snippetOf(text, "needle")
  expect(snippet).toStartWith("…before before")
  expect(snippet).toContain("the Needle in it")
  expect(snippet).toEndWith("after…")
  expect(snippet.length).toBeLessThan(200)
  expect(snippetOf("Short\n\ntext", "text")).toBe("Short text")
  expect(snippetOf("cafe\u0301 au lait", "CAFÉ")).toBe("café au lait")
})

test("snippetOf never cuts a character in two", () => {
  const text = "🎈".repeat(500)
  for (const term of ["🎈🎈", "x"]) expect(snippetOf(text, term).isWellFormed()).toBe(true)
})

test("ranked puts titles before texts, equal ones first, and then the latest", () => {
  const match = (title: string, day: number, type: "chat" | "message" = "chat") => ({
    type,
    id: `${title}${day}`,
    chatId: null,
    title,
    text: "",
    createdAt: new Date(Date.UTC(2026, 0, day)),
  })
  const matches = [
    match("Other", 9),
    match("More Quantum", 5),
    match("quantum", 1),
    match("Quantum leaps", 2),
    match("Quantum", 7, "message"),
    match("Quantum jumps", 3),
  ]
  expect(ranked(matches, "QUANTUM").map(({ id }) => id)).toEqual([
    "quantum1",
    "Quantum jumps3",
    "Quantum leaps2",
    "More Quantum5",
    "Other9",
    "Quantum7",
  ])
})
