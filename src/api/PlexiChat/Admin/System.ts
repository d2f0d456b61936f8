import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { DateTime, Effect, Schema } from "effect"
import { SystemHealth } from "../../../domain/chat/SystemHealth"
import { Audit } from "../../../domain/operations/Audit"
import type { AuditEntry as Entry } from "../../../domain/operations/Audit/Model"
import { Statistics } from "../../../domain/operations/Statistics"
import { Totals } from "../../../domain/operations/Statistics/Model"
import { UserId } from "../../../domain/shared/Actor"
import { Authenticated, withActor } from "../../../http/Authenticated"
import { example } from "../../../http/Example"
import { encodeOnly, Fields, renamed } from "../../../http/Fields"
import { DateTimeParam, OptionalTextParam } from "../../../http/Params"
import { defineResource } from "../../../http/Resource"
import { version } from "../../../http/Version"
import { enveloped, envelopedPage, pageParams } from "../Envelope"
import { errors } from "../Errors"
import { paged } from "../Paging"

const totals = Totals.fields

const Stats = Schema.Struct({
  totals: Schema.Struct({
    users: totals.users,
    activeUsers: renamed(
      "active_users",
      totals.activeUsers.annotations({ description: "In the last 30 days" }),
    ),
    bannedUsers: renamed("banned_users", totals.bannedUsers),
    organizations: totals.organizations,
    channels: totals.channels,
    directConversations: renamed("direct_conversations", totals.directConversations),
    posts: renamed(
      "messages",
      totals.posts.annotations({ description: "In channels, threads and direct messages" }),
    ),
    conversations: totals.conversations.annotations({ description: "Conversations with models" }),
    runningGenerations: renamed("running_generations", totals.runningGenerations),
    files: totals.files,
    storedBytes: renamed("stored_bytes", totals.storedBytes),
  }),
  version: Schema.String,
  uptimeSeconds: renamed("uptime_seconds", Schema.Number),
  memoryBytes: renamed("memory_bytes", Schema.Int.annotations({ description: "Of this process" })),
}).annotations({
  identifier: "ServerStats",
  ...example({
    totals: {
      users: 12,
      active_users: 9,
      banned_users: 0,
      organizations: 2,
      channels: 5,
      direct_conversations: 8,
      messages: 5120,
      conversations: 340,
      running_generations: 1,
      files: 64,
      stored_bytes: 48_211_034,
    },
    version,
    uptime_seconds: 3600.5,
    memory_bytes: 161_480_704,
  }),
})

const SystemHealthBody = Schema.Struct({
  status: Schema.Literal("healthy", "degraded").annotations({
    description: "Degraded: a provider fails, or background work is late",
  }),
  timestamp: Schema.Date,
  version: Schema.String,
  components: Schema.Struct({
    database: Schema.Literal("healthy"),
    storage: Schema.Literal("healthy"),
    providers: Schema.Record({
      key: Schema.String,
      value: Schema.Literal("healthy", "unhealthy"),
    }).annotations({
      description: "The providers with an API key, checked at most a minute ago",
    }),
    queue: Schema.Struct({
      pending: Schema.Int.annotations({ description: "Deleted files that wait to be removed from storage" }),
    }),
  }),
}).annotations({
  identifier: "SystemHealth",
  ...example({
    status: "healthy",
    timestamp: "2026-01-15T09:30:00.000Z",
    version,
    components: {
      database: "healthy",
      storage: "healthy",
      providers: { openai: "healthy" },
      queue: { pending: 0 },
    },
  }),
})

const AuditEntry = encodeOnly(
  Schema.Struct({
    id: Schema.String,
    actor: Schema.Struct({
      id: UserId,
      email: Schema.String.annotations({
        description: "The administrator's email address at the time; `operator` for commands on the server",
      }),
    }),
    action: Schema.String.annotations({ description: "The action as verb and object: `ban_user`" }),
    target: Schema.String.annotations({ description: "The id of what it was done to" }),
    details: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
    ip: Schema.NullOr(Schema.String).annotations({
      description: "The network address of the request; of an IPv6 address the first half",
    }),
    createdAt: renamed("created_at", Schema.Date),
  }),
  (entry: Entry) => ({
    ...entry,
    actor: { id: entry.adminId, email: entry.adminEmail },
    target: entry.targetId,
  }),
).annotations({
  identifier: "PlexiChatAuditEntry",
  ...example({
    id: "019bc0f1-2c4e-7c3a-9d52-cc4553d40744",
    actor: { id: "019bc0f1-2c48-7c3a-9d52-999d5bff2194", email: "admin@example.com" },
    action: "ban_user",
    target: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01",
    details: { reason: "Spam" },
    ip: "192.0.2.7",
    created_at: "2026-01-15T10:05:42.000Z",
  }),
})

const endpoints = HttpApiGroup.make("administration")
  .add(
    HttpApiEndpoint.get("v1AdminStats", "/v1/admin/stats")
      .addSuccess(enveloped("The statistics", Stats))
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "Get statistics (admin)")
      .annotate(OpenApi.Description, "For administrators. Counts what there is on the server."),
  )
  .add(
    HttpApiEndpoint.get("v1AdminHealth", "/v1/admin/health")
      .addSuccess(enveloped("Everything that the server cannot work without is available", SystemHealthBody))
      .addError(errors.AdminRequired)
      .addError(errors.Unhealthy)
      .annotate(OpenApi.Summary, "Check the health of the system (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Checks database, storage, providers and background work. Load balancers use `/api/health`.",
      ),
  )
  .add(
    HttpApiEndpoint.get("v1ListAuditLogs", "/v1/admin/audit-logs")
      .setUrlParams(
        Fields({
          ...pageParams,
          action: OptionalTextParam("Only entries with this action: `ban_user`"),
          user_id: OptionalTextParam("Only actions of this administrator, by id"),
          from: Schema.optional(DateTimeParam),
          to: Schema.optional(DateTimeParam),
        }).annotations(example({ action: "ban_user" })),
      )
      .addSuccess(envelopedPage("A page of the audit log", AuditEntry))
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "List audit logs (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Returns the actions of administrators, latest first. The log is a chain of hashes, which `parley audit verify` checks.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Administration")
  .annotate(OpenApi.Description, "Statistics, health and the audit log of the server.")

export const administration = defineResource({
  group: endpoints,
  prefixes: [],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const statistics = yield* Statistics
      const systemHealth = yield* SystemHealth
      const audit = yield* Audit
      return handlers
        .handle(
          "v1AdminStats",
          withActor((actor) =>
            Effect.map(statistics.get(actor), ({ totals, process }) => ({
              totals,
              version,
              uptimeSeconds: process.uptimeMs / 1000,
              memoryBytes: process.memory.rss,
            })),
          ),
        )
        .handle(
          "v1AdminHealth",
          withActor((actor) =>
            Effect.gen(function* () {
              const { status, providers, queue } = yield* systemHealth.check(actor)
              const components = {
                database: "healthy" as const,
                storage: "healthy" as const,
                providers,
                queue,
              }
              return { status, timestamp: yield* DateTime.nowAsDate, version, components }
            }),
          ),
        )
        .handle(
          "v1ListAuditLogs",
          withActor((actor, { urlParams: { user_id, ...params } }) =>
            paged(params, (range) =>
              audit.list(actor, range, {
                ...params,
                adminId: user_id === undefined ? undefined : UserId.make(user_id),
              }),
            ),
          ),
        )
    }),
})
