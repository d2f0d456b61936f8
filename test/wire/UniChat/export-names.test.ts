import { expect, test } from "bun:test"
import { disposition } from "../../../src/wire/UniChat/Conversations/Export"

test("A file is named in quotation marks, in any script, and in no more than 255 bytes", () => {
  const on = new Date("2026-01-15T00:00:00Z")
  expect(disposition("React in brief", "md", on)).toBe(
    'attachment; filename="conversation_React_in_brief_2026-01-15.md"',
  )
  expect(disposition("日本", "json", on)).toBe(
    "attachment; filename=\"conversation____2026-01-15.json\"; filename*=UTF-8''conversation_%E6%97%A5%E6%9C%AC_2026-01-15.json",
  )
  const name = decodeURIComponent(/UTF-8''(.*)$/.exec(disposition("字".repeat(200), "md", on))?.[1] ?? "")
  expect(Buffer.byteLength(name)).toBeLessThan(255)
  expect(disposition("😀".repeat(100), "md", on)).not.toContain("%EF%BF%BD")
})
