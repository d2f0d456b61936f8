import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { Channels } from "../../../src/domain/messaging/Channels"
import { Outbox } from "../../../src/domain/messaging/Outbox"
import { Posts } from "../../../src/domain/messaging/Posts"
import { layer } from "../../support/it"
import * as TestLayer from "../../support/testLayer"

/** Returns the number of the last event. */
const lastSeq = Effect.gen(function* () {
  const entries = yield* (yield* Outbox).listAfter(0, 100_000)
  return entries.at(-1)?.seq ?? 0
})

const eventsAfter = (seq: number) => Effect.flatMap(Outbox, (outbox) => outbox.listAfter(seq, 100_000))

layer(TestLayer.layer())("Outbox", (it) => {
  it.live("has an event of every change in a channel, in the order of the changes, for its members", () =>
    Effect.gen(function* () {
      const [channels, posts] = yield* Effect.all([Channels, Posts])
      const [owner, member] = [yield* TestLayer.newActor(), yield* TestLayer.newActor()]
      const start = yield* lastSeq
      const { id } = yield* channels.create(owner, { name: "general", isPrivate: true })
      yield* channels.addMember(owner, id, member.userId, "member")
      yield* channels.update(owner, id, { name: "random" })
      const { post } = yield* posts.send(owner, id, { content: "Hello", clientId: "1" })
      yield* posts.send(owner, id, { content: "Hello", clientId: "1" })
      const reply = yield* posts.reply(member, post.id, { content: "Hi" })
      yield* posts.addReaction(member, post.id, "👍")
      yield* posts.addReaction(member, post.id, "👍")
      yield* posts.removeReaction(member, post.id, "👍")
      yield* posts.edit(owner, post.id, "Hello, all")
      yield* posts.delete(member, reply.post.id)
      yield* posts.delete(owner, post.id)
      yield* channels.removeMember(owner, id, member.userId)
      yield* channels.delete(owner, id)

      const entries = yield* eventsAfter(start)
      expect(entries.map(({ event }) => event.type)).toEqual([
        "channel_created",
        "member_added",
        "channel_updated",
        "message_created",
        "thread_reply",
        "reaction_added",
        "reaction_removed",
        "message_updated",
        "message_deleted",
        "message_deleted",
        "member_removed",
        "channel_deleted",
      ])
      expect(entries.every(({ scopeId }) => scopeId === id)).toBe(true)
      // Former members get it too, although they are members no longer.
      expect(entries.slice(-2).map(({ userIds }) => userIds)).toEqual([[member.userId], [owner.userId]])
    }),
  )

  it.live("has no event of a change that was rolled back", () =>
    Effect.gen(function* () {
      const [channels, posts] = yield* Effect.all([Channels, Posts])
      const sql = yield* SqlClient.SqlClient
      const owner = yield* TestLayer.newActor()
      const { id } = yield* channels.create(owner, { name: "general" })
      const start = yield* lastSeq
      const rolledBack = Effect.zipRight(posts.send(owner, id, { content: "Lost" }), Effect.fail("rollback"))
      expect(yield* Effect.flip(sql.withTransaction(rolledBack))).toBe("rollback")
      expect(yield* eventsAfter(start)).toEqual([])
      expect((yield* posts.list(owner, id, { offset: 0, limit: 10 })).total).toBe(0)
    }),
  )

  it.live("numbers the events of concurrent changes in the order in which they become visible", () =>
    Effect.gen(function* () {
      const [channels, posts] = yield* Effect.all([Channels, Posts])
      const owner = yield* TestLayer.newActor()
      const ids = yield* Effect.replicateEffect(
        Effect.map(channels.create(owner, { name: "general" }), ({ id }) => id),
        4,
      )
      const start = yield* lastSeq
      let seen = start
      const order: Array<number> = []
      /** Reads as a follower does, which never looks back. */
      const follow = Effect.gen(function* () {
        const entries = yield* eventsAfter(seen)
        order.push(...entries.map(({ seq }) => seq))
        seen = entries.at(-1)?.seq ?? seen
      })
      const sends = ids.flatMap((id) =>
        Array.from({ length: 10 }, (_, i) => posts.send(owner, id, { content: `Message ${i}` })),
      )
      yield* Effect.raceFirst(
        Effect.all(sends, { concurrency: "unbounded", discard: true }),
        Effect.forever(Effect.zipRight(follow, Effect.yieldNow())),
      )
      yield* follow
      expect(order.length).toBe(40)
      expect(order).toEqual((yield* eventsAfter(start)).map(({ seq }) => seq))
      expect(order).toEqual(order.toSorted((a, b) => a - b))
    }),
  )

  it.live("deletes events after a day", () =>
    Effect.gen(function* () {
      const [channels, outbox] = yield* Effect.all([Channels, Outbox])
      const sql = yield* SqlClient.SqlClient
      const owner = yield* TestLayer.newActor()
      const start = yield* lastSeq
      yield* channels.create(owner, { name: "old" })
      yield* sql`update outbox set created_at = created_at - interval '25 hours' where seq > ${start}`
      yield* channels.create(owner, { name: "new" })
      yield* outbox.deleteExpired()
      expect((yield* eventsAfter(start)).map(({ event }) => event)).toMatchObject([
        { channel: { name: "new" } },
      ])
    }),
  )
})
