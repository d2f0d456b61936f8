import { Effect } from "effect"
import { App } from "../../../support/App"
import type { Sample } from "./Sample"

/** Somebody whom nobody misses: the owner goes on being asked for other things. */
const ids = () => Effect.flatMap(App, (app) => Effect.map(app.newUser(), ({ id }) => id))

export const admin: Readonly<Record<string, Sample>> = {
  listUsers: { may: "admin" },
  getUser: { ids, may: "admin" },
  banUser: { ids, body: { reason: "Violation of terms of service" }, may: "admin" },
  unbanUser: { ids, may: "admin" },
  setUserLimits: { ids, body: { tokens_limit: 500_000 }, may: "admin" },
  getUserHistory: { ids, query: "?include_messages=true", may: "admin" },
  listAuditLogs: { may: "admin" },
  getAnalytics: { may: "admin" },
  getCosts: { may: "admin" },
  getTimeSeries: { query: "?granularity=week", may: "admin" },
}
