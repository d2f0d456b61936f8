import { Effect } from "effect"
import { App } from "../../../support/App"
import type { Sample } from "./Sample"

/** Creates another user to act on, since later operations need the owner unchanged. */
const ids = () => Effect.flatMap(App, (app) => Effect.map(app.newUser(), ({ id }) => id))

export const admin: Readonly<Record<string, Sample>> = {
  listUsers: { allowedFor: "admin" },
  getUser: { ids, allowedFor: "admin" },
  banUser: { ids, allowedFor: "admin" },
  unbanUser: { ids, allowedFor: "admin" },
  setUserLimits: { ids, allowedFor: "admin" },
  getUserHistory: { ids, query: "?include_messages=true", allowedFor: "admin" },
  listAuditLogs: { allowedFor: "admin" },
  getAnalytics: { allowedFor: "admin" },
  getCosts: { allowedFor: "admin" },
  getTimeSeries: { query: "?granularity=week", allowedFor: "admin" },
}
