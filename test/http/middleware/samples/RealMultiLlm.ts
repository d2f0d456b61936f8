import { Effect } from "effect"
import { App } from "../../../support/App"
import type { Sample } from "./Sample"

const goal = { title: "Learn TypeScript", description: "Complete TypeScript course" }

const persona = { name: "Code Reviewer", systemPrompt: "You are an expert code reviewer." }

/** Makes the sample of an operation whose query names one of the caller's rows, created by a `POST` of the body. */
const rowSample = (path: string, body: unknown, nullable: ReadonlyArray<string> = []): Sample => ({
  query: "?id=:id",
  nullable,
  ids: ({ token }) =>
    Effect.gen(function* () {
      const app = yield* App
      return (yield* app.request("POST", path, { token, body })).at("id")
    }),
})

export const realMultiLlm: Readonly<Record<string, Sample>> = {
  getMonitoring: { allowedFor: "admin" },
  resetMonitoring: { allowedFor: "admin" },
  getObservability: { allowedFor: "admin" },
  apiKeyHealth: { allowedFor: "admin" },
  errorStats: { allowedFor: "admin" },
  performanceMetrics: { allowedFor: "admin" },
  streamConnections: { allowedFor: "admin" },
  createGoal: { body: goal, nullable: ["description"] },
  updateGoal: rowSample("/api/goals", goal, ["description"]),
  deleteGoal: rowSample("/api/goals", goal),
  createPersona: { body: persona },
  updatePersona: rowSample("/api/personas", persona),
  deletePersona: rowSample("/api/personas", persona),
}
