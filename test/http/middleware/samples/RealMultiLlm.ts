import { Effect } from "effect"
import { App } from "../../../support/App"
import type { Sample } from "./Sample"

const goal = { title: "Learn TypeScript", description: "Complete TypeScript course" }

export const realMultiLlm: Readonly<Record<string, Sample>> = {
  createGoal: { body: goal, nullable: ["description"] },
  ...Object.fromEntries(
    (["updateGoal", "deleteGoal"] as const).map((name) => [
      name,
      {
        query: "?id=:id",
        nullable: ["description"],
        ids: ({ token }) =>
          Effect.gen(function* () {
            const app = yield* App
            return (yield* app.request("POST", "/api/goals", { token, body: goal })).at("id")
          }),
      } satisfies Sample,
    ]),
  ),
}
