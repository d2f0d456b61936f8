import { expect } from "bun:test"
import { Effect } from "effect"
import { operations } from "../http/middleware/operations"
import * as Server from "../support/App"
import { layer } from "../support/it"

/** The operations of the RealMultiLLM document: methods and path. */
const realMultiLlm = [
  "POST /api/auth/register",
  "GET POST PUT DELETE /api/goals",
  "GET POST /api/teams",
  "GET PUT DELETE /api/teams/:id",
  "GET POST /api/teams/:id/members",
  "GET POST PUT DELETE /api/personas",
  "POST /api/llm/chat",
  "POST /api/llm/stream",
  "GET /api/llm/models",
  "GET POST /api/analytics",
  "GET DELETE /api/monitoring",
  "GET /api/observability",
  "GET /api/admin/api-keys/health",
  "GET /api/admin/errors/stats",
  "GET /api/admin/performance/phase3",
  "GET /api/admin/stream-connections",
  "GET POST /api/shared-conversations",
  "GET /api/shared-conversations/:id",
  "POST /api/shared-conversations/:id/share",
  "GET POST /api/provider-configs",
  "GET PUT DELETE /api/provider-configs/:provider",
]

/** The operations of the ChatGPT clone document. */
const chatGptClone = [
  "POST /api/auth/register",
  "POST /api/auth/login",
  "POST /api/auth/logout",
  "POST /api/auth/refresh",
  "GET PUT /api/user/profile",
  "GET PUT /api/user/settings",
  "POST /api/chat",
  "GET PUT DELETE /api/chat/:id",
  "GET POST /api/chat/:id/messages",
  "PUT DELETE /api/chat/:id/messages/:messageId",
  "POST /api/chat/:id/title",
  "GET /api/chat/recent",
  "GET POST /api/projects",
  "GET PUT DELETE /api/projects/:id",
  "GET /api/projects/:id/chats",
  "POST /api/projects/:id/star",
  "POST /api/projects/:id/unstar",
  "GET POST /api/projects/:id/members",
  "DELETE /api/projects/:id/members/:userId",
  "GET /api/projects/starred",
  "GET /api/projects/tags",
  "GET POST /api/organizations",
  "GET PUT DELETE /api/organizations/:id",
  "GET POST /api/organizations/:id/members",
  "PUT DELETE /api/organizations/:id/members/:userId",
  "POST /api/organizations/:id/invites",
  "DELETE /api/organizations/:id/invites/:inviteId",
  "GET /api/organizations/invites",
  "POST /api/organizations/invites/:inviteId/accept",
  "POST /api/organizations/invites/:inviteId/reject",
  "POST /api/files",
  "GET DELETE /api/files/:id",
  "GET /api/files/:id/download",
  "GET POST /api/projects/:id/files",
  "DELETE /api/projects/:id/files/:fileId",
  "GET /api/history",
  "DELETE /api/history/:chatId",
  "POST /api/history/clear",
  "GET /api/favorites",
  "POST DELETE /api/favorites/:chatId",
  "GET /api/agents",
  "GET /api/agents/:id",
  "GET /api/agents/categories",
  "GET /api/agents/popular",
  "POST /api/chat/:id/agent",
  "GET POST /api/library/documents",
  "GET PUT DELETE /api/library/documents/:id",
  "GET POST /api/library/collections",
  "PUT DELETE /api/library/collections/:id",
  "GET POST /api/library/collections/:id/documents",
  "DELETE /api/library/collections/:id/documents/:documentId",
  "GET /api/search",
  "GET /api/export/chat/:id",
  "GET /api/usage",
  "POST /api/feedback",
]

/** The operations of the PlexiChat document. */
const plexiChat = [
  "POST /v1/auth/login",
  "POST /v1/auth/login/2fa",
  "POST /v1/auth/logout",
  "POST /v1/auth/refresh",
  "POST /v1/auth/register",
  "POST /v1/auth/forgot-password",
  "POST /v1/auth/reset-password",
  "GET PUT DELETE /v1/auth/me",
  "GET /v1/users",
  "GET PUT DELETE /v1/users/:id",
  "GET PUT /v1/users/:id/profile",
  "GET PUT /v1/users/:id/presence",
  "GET /v1/admin/users",
  "PUT /v1/admin/users/:id/status",
  "GET /v1/ws/connect",
  "GET /v1/ws/channels/:id",
  "GET /v1/ws/dm/:conversationId",
  "GET /v1/ws/voice/:channelId",
  "GET POST /v1/organizations",
  "GET PUT DELETE /v1/organizations/:id",
  "GET POST /v1/organizations/:id/members",
  "DELETE /v1/organizations/:id/members/:userId",
  "GET POST /v1/channels",
  "GET PUT DELETE /v1/channels/:id",
  "GET POST /v1/channels/:id/members",
  "DELETE /v1/channels/:id/members/:userId",
  "GET PUT /v1/channels/:id/permissions",
  "GET POST /v1/channels/:id/messages",
  "GET PUT DELETE /v1/messages/:id",
  "POST /v1/messages/:id/reactions",
  "DELETE /v1/messages/:id/reactions/:emoji",
  "GET POST /v1/messages/:id/thread",
  "GET POST /v1/dm/conversations",
  "GET /v1/dm/conversations/:id",
  "GET POST /v1/dm/conversations/:id/messages",
  "GET POST /v1/files",
  "GET DELETE /v1/files/:id",
  "GET /v1/files/:id/download",
  "GET /v1/files/:id/thumbnail",
  "POST /v1/files/:id/share",
  "POST /v1/channels/:id/voice/join",
  "DELETE /v1/channels/:id/voice/leave",
  "GET /v1/channels/:id/voice/participants",
  "POST /v1/calls",
  "GET /v1/calls/:id",
  "POST /v1/calls/:id/join",
  "DELETE /v1/calls/:id/leave",
  "GET /v1/admin/stats",
  "GET /v1/admin/audit-logs",
  "GET PUT /v1/admin/settings",
  "GET /v1/admin/health",
]

/** Replaces the names of path parameters, which differ between contracts that share a path. */
const unnamed = (path: string) => path.replace(/:\w+/g, ":")

layer(Server.layer())("Documented operations", (it) => {
  it.live("are all served", () =>
    Effect.gen(function* () {
      const served = new Set(
        (yield* operations).map(({ operation: { method, path } }) => `${method} ${unnamed(path)}`),
      )
      const documented = [...realMultiLlm, ...chatGptClone, ...plexiChat].flatMap((line) => {
        const [path = "", ...methods] = line.split(" ").reverse()
        return methods.map((method) => `${method} ${unnamed(path)}`)
      })
      expect(documented.length).toBe(191)
      expect(documented.filter((operation) => !served.has(operation))).toEqual([])
    }),
  )
})
