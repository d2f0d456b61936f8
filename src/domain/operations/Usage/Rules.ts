import { BigDecimal } from "effect"
import type { DailyUsage, UsageAccount, UsageFigures, UsageReport } from "./Model"

const sumOf = (rows: ReadonlyArray<DailyUsage>): UsageFigures => {
  const sum = (of: (row: DailyUsage) => number) => rows.reduce((total, row) => total + of(row), 0)
  return {
    requests: sum(({ requests }) => requests),
    messages: sum(({ messages }) => messages),
    promptTokens: sum(({ promptTokens }) => promptTokens),
    completionTokens: sum(({ completionTokens }) => completionTokens),
    totalTokens: sum(({ promptTokens, completionTokens }) => promptTokens + completionTokens),
    costUsd: BigDecimal.format(
      BigDecimal.sumAll(rows.map(({ costUsd }) => BigDecimal.unsafeFromString(costUsd))),
    ),
  }
}

/** Sums a user's usage in total, by model, most used first, and by day, ascending. */
export const toReport = (
  rows: ReadonlyArray<DailyUsage>,
  { tokensLimit, tokensUsed }: UsageAccount,
): UsageReport => ({
  ...sumOf(rows),
  tokensLimit,
  tokensRemaining: tokensLimit < 0 ? -1 : Math.max(0, tokensLimit - tokensUsed),
  byModel: [...Map.groupBy(rows, ({ model }) => model)]
    .map(([model, days]) => ({ model, ...sumOf(days) }))
    .toSorted((one, other) => other.requests - one.requests),
  byDay: [...Map.groupBy(rows, ({ day }) => day)].map(([day, models]) => ({ day, ...sumOf(models) })),
})
