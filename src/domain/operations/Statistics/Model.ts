import { Schema } from "effect"

const Count = Schema.Int

/** How much there is on this server. */
export const Totals = Schema.Struct({
  users: Count,
  /** Users who used a model in the last 30 days. */
  activeUsers: Count,
  bannedUsers: Count,
  organizations: Count,
  /** Without direct messages. */
  channels: Count,
  directConversations: Count,
  /** Messages in channels, threads and direct messages. */
  posts: Count,
  conversations: Count,
  /** Answers that models are generating now. */
  runningGenerations: Count,
  files: Count,
  /** The size of all files, in bytes. */
  storedBytes: Count,
})
export type Totals = typeof Totals.Type
