import { expect, test } from "bun:test"
import { RequestHistory } from "../../../src/domain/operations/Monitoring/RequestHistory"

const start = Date.UTC(2026, 0, 15)

test("sums the requests of a window with their percentiles, within 10 %", () => {
  const history = new RequestHistory()
  for (let i = 1; i <= 100; i++) history.record(start + i * 1000, i, i > 98)
  const { requests, errors, milliseconds, percentile } = history.totals(start + 100_000, 100_000, 60)
  expect([requests, errors, milliseconds]).toEqual([100, 2, 5050])
  for (const [part, expected] of [
    [0.5, 50],
    [0.95, 95],
    [0.99, 99],
  ] as const) {
    expect(percentile(part)).toBeGreaterThanOrEqual(expected)
    expect(percentile(part)).toBeLessThan(expected * 1.1)
  }
  expect(history.totals(start + 100_000, 10_000, 60).requests).toBe(10)
})

test("splits a window into parts that together hold every request", () => {
  const history = new RequestHistory()
  for (let i = 0; i < 600; i++) history.record(start + i * 1000, 1, false)
  const { parts } = history.totals(start + 599_000, 300_000, 60)
  expect(parts.length).toBeLessThanOrEqual(61)
  expect(parts.reduce((sum, { requests }) => sum + requests, 0)).toBe(300)
})

test("forgets requests after a day, and keeps the memory bounded", () => {
  const history = new RequestHistory()
  for (let minute = 0; minute < 3000; minute++) history.record(start + minute * 60_000, 1, false)
  const now = start + 2999 * 60_000
  expect(history.totals(now, 86_400_000, 60).requests).toBe(1440)
  expect(history.totals(now + 86_400_000, 86_400_000, 60).requests).toBe(0)
})
