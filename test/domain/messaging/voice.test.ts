import { expect } from "bun:test"
import { Effect, TestClock } from "effect"
import { AccountDeletion } from "../../../src/domain/chat/AccountDeletion"
import { Calls } from "../../../src/domain/messaging/Calls"
import { Channels } from "../../../src/domain/messaging/Channels"
import type { ChannelId } from "../../../src/domain/messaging/Channels/Model"
import { Outbox } from "../../../src/domain/messaging/Outbox"
import type { MessagingEvent } from "../../../src/domain/messaging/Outbox/Model"
import { VoiceChannels } from "../../../src/domain/messaging/VoiceChannels"
import { type Room, roomIdOf } from "../../../src/domain/messaging/VoiceRooms/Model"
import { VoiceSignaling } from "../../../src/domain/messaging/VoiceSignaling"
import type { Signal, VoiceConnection } from "../../../src/domain/messaging/VoiceSignaling/Model"
import type { Actor } from "../../../src/domain/shared/Actor"
import { layer } from "../../support/it"
import * as TestLayer from "../../support/testLayer"

const everyone = { offset: 0, limit: 100 }

/** Creates a private channel of a new user with this many other members. */
const newChannel = (count: number) =>
  Effect.gen(function* () {
    const channels = yield* Channels
    const owner = yield* TestLayer.newActor()
    const { id } = yield* channels.create(owner, { name: "general", isPrivate: true })
    const members = yield* Effect.replicateEffect(TestLayer.newActor(), count)
    for (const { userId } of members) yield* channels.addMember(owner, id, userId, "member")
    return { id, owner, members }
  })

const numberOf = (entries: ReadonlyArray<{ readonly seq: number }>) => entries.at(-1)?.seq ?? 0

/** Returns the effect that lists the voice and call events of a channel from now on. */
const followEvents = (id: ChannelId) =>
  Effect.gen(function* () {
    const outbox = yield* Outbox
    const start = numberOf(yield* outbox.listAfter(0, 100_000))
    return Effect.map(outbox.listAfter(start, 100_000), (entries) =>
      entries.filter(({ scopeId }) => scopeId === id).map(({ event }) => event),
    )
  })

const typesOf = Effect.map((events: ReadonlyArray<MessagingEvent>) => events.map(({ type }) => type))

/** Connects a user to a room, and collects what they receive. */
const connect = ({ userId }: Actor, room: Room) =>
  Effect.gen(function* () {
    const signaling = yield* VoiceSignaling
    const received: Array<Signal> = []
    const connection: VoiceConnection = {
      roomId: roomIdOf(room),
      userId,
      onSignal: (signal) => received.push(signal),
    }
    yield* signaling.connect(connection)
    yield* Effect.addFinalizer(() => signaling.disconnect(connection))
    return { received, disconnect: signaling.disconnect(connection) }
  })

/** Lets time pass on every node, which the layer's own timers, on the real clock, do not see. */
const pass = (seconds: number) =>
  Effect.gen(function* () {
    yield* TestClock.adjust(`${seconds} seconds`)
    yield* (yield* VoiceSignaling).maintain()
  })

/** Moves the clock ahead of the timers of the layer, which would otherwise do by themselves what tests ask for. */
const startClock = TestClock.setTime(Date.now() + 24 * 60 * 60 * 1000)

const waitUntil = (condition: () => boolean) =>
  Effect.promise(async () => {
    while (!condition()) await Bun.sleep(5)
  })

layer(TestLayer.layer())("Voice", (it) => {
  it.effect("keeps a participant while they have a socket, and for 15 seconds after the last one", () =>
    Effect.gen(function* () {
      yield* startClock
      const voice = yield* VoiceChannels
      const { id, owner, members } = yield* newChannel(2)
      const [connected, absent] = members as [Actor, Actor]
      const events = yield* followEvents(id)
      const { room } = yield* voice.join(connected, id)
      yield* voice.join(absent, id)
      yield* voice.join(absent, id)
      const present = Effect.map(voice.participants(owner, id, everyone), ({ items }) =>
        items.map(({ userId }) => userId),
      )
      const tabs = [yield* connect(connected, room), yield* connect(connected, room)]
      yield* pass(14)
      expect(yield* present).toEqual([connected.userId, absent.userId])
      yield* pass(1)
      expect(yield* present).toEqual([connected.userId])
      for (let i = 0; i < 8; i++) yield* pass(10)
      yield* tabs[0]?.disconnect ?? Effect.void
      yield* pass(14)
      yield* tabs[1]?.disconnect ?? Effect.void
      yield* pass(14)
      expect(yield* present).toEqual([connected.userId])
      yield* pass(1)
      expect(yield* present).toEqual([])
      yield* voice.leave(connected, id)
      const joined = { channelId: id, callId: null }
      expect(yield* events).toEqual([
        { ...joined, type: "voice_joined", userId: connected.userId },
        { ...joined, type: "voice_joined", userId: absent.userId },
        { ...joined, type: "voice_left", userId: absent.userId },
        { ...joined, type: "voice_left", userId: connected.userId },
      ])
    }),
  )

  it.live("admits eight of nine users who join at once, to voice and to a call", () =>
    Effect.gen(function* () {
      const [voice, calls] = yield* Effect.all([VoiceChannels, Calls])
      const { id, owner, members } = yield* newChannel(8)
      const all = [owner, ...members]
      const tagsOf = <A, E extends { readonly _tag: string }>(joins: ReadonlyArray<Effect.Effect<A, E>>) =>
        Effect.map(
          Effect.forEach(
            joins,
            (join) => Effect.match(join, { onFailure: ({ _tag }) => _tag, onSuccess: () => "joined" }),
            {
              concurrency: "unbounded",
            },
          ),
          (tags) => Map.groupBy(tags, (tag) => tag),
        )
      const voiceTags = yield* tagsOf(all.map((actor) => voice.join(actor, id)))
      expect([voiceTags.get("joined")?.length, voiceTags.get("RoomFull")?.length]).toEqual([8, 1])
      const { call } = yield* calls.start(owner, { channelId: id }, "video")
      const callTags = yield* tagsOf(members.map((actor) => calls.join(actor, call.id)))
      expect([callTags.get("joined")?.length, callTags.get("RoomFull")?.length]).toEqual([7, 1])
      expect((yield* calls.get(owner, call.id)).participants.length).toBe(8)
    }),
  )

  it.live("has one call in a channel, however many of its members call at once", () =>
    Effect.gen(function* () {
      const calls = yield* Calls
      const [ada, bob] = [yield* TestLayer.newActor(), yield* TestLayer.newActor()]
      const started = yield* Effect.all(
        [
          calls.start(ada, { participantIds: [bob.userId] }, "audio"),
          calls.start(bob, { participantIds: [ada.userId] }, "video"),
        ],
        { concurrency: 2 },
      )
      expect(started.map(({ isNew }) => isNew).sort()).toEqual([false, true])
      const [{ call: first }, { call: second }] = started
      expect(first.id).toBe(second.id)
      const call = yield* calls.get(ada, first.id)
      expect([call.status, call.participants.length]).toEqual(["active", 2])
    }),
  )

  it.effect("rings until somebody answers, and ends with the last participant", () =>
    Effect.gen(function* () {
      yield* startClock
      const calls = yield* Calls
      const { id, owner, members } = yield* newChannel(1)
      const [member] = members as [Actor]
      const events = yield* followEvents(id)
      const { call } = yield* calls.start(owner, { channelId: id }, "audio")
      const room: Room = { channelId: id, callId: call.id }
      expect(call).toMatchObject({ status: "ringing", type: "audio", caller: { id: owner.userId } })
      yield* connect(owner, room)
      yield* pass(40)
      const answered = yield* calls.join(member, call.id)
      expect(answered).toMatchObject({ status: "active", answeredAt: expect.any(Date), endedAt: null })
      yield* connect(member, room)
      yield* pass(100)
      yield* calls.leave(owner, call.id)
      yield* calls.leave(owner, call.id)
      expect((yield* calls.get(owner, call.id)).status).toBe("active")
      yield* calls.leave(member, call.id)
      const ended = yield* calls.get(owner, call.id)
      expect(ended).toMatchObject({ status: "ended", endedAt: expect.any(Date), participants: [] })
      expect((yield* Effect.flip(calls.join(member, call.id)))._tag).toBe("CallEnded")
      expect((yield* calls.start(member, { channelId: id }, "audio")).isNew).toBe(true)
      expect(yield* typesOf(events)).toEqual([
        "call_ringing",
        "voice_joined",
        "voice_joined",
        "call_active",
        "voice_left",
        "voice_left",
        "call_ended",
        "call_ringing",
        "voice_joined",
      ])
    }),
  )

  it.effect("misses a call that nobody answers within 60 seconds, and ends one whose caller is gone", () =>
    Effect.gen(function* () {
      yield* startClock
      const calls = yield* Calls
      const { id, owner } = yield* newChannel(1)
      const events = yield* followEvents(id)
      const start = Effect.map(calls.start(owner, { channelId: id }, "video"), ({ call }) => call.id)
      const missed = yield* start
      const socket = yield* connect(owner, { channelId: id, callId: missed })
      yield* pass(59)
      expect((yield* calls.get(owner, missed)).status).toBe("ringing")
      yield* pass(1)
      expect(yield* calls.get(owner, missed)).toMatchObject({ status: "missed", participants: [] })
      yield* socket.disconnect
      const abandoned = yield* start
      yield* pass(15)
      expect((yield* calls.get(owner, abandoned)).status).toBe("ended")
      expect(yield* typesOf(events)).toEqual([
        "call_ringing",
        "voice_joined",
        "voice_left",
        "call_missed",
        "call_ringing",
        "voice_joined",
        "voice_left",
        "call_ended",
      ])
    }),
  )

  it.live(
    "lets removed members and deleted accounts leave at once, and forgets calls of deleted channels",
    () =>
      Effect.gen(function* () {
        const [channels, voice, calls] = yield* Effect.all([Channels, VoiceChannels, Calls])
        const deletion = yield* AccountDeletion
        const { id, owner, members } = yield* newChannel(2)
        const [removed, deleted] = members as [Actor, Actor]
        const { call } = yield* calls.start(removed, { channelId: id }, "video")
        yield* calls.join(deleted, call.id)
        for (const actor of members) yield* voice.join(actor, id)
        const { room } = yield* voice.join(owner, id)
        const events = yield* followEvents(id)
        yield* channels.removeMember(owner, id, removed.userId)
        expect((yield* calls.get(owner, call.id)).participants.map(({ userId }) => userId)).toEqual([
          deleted.userId,
        ])
        yield* deletion.deleteOwn(deleted)
        expect((yield* calls.get(owner, call.id)).status).toBe("ended")
        expect((yield* voice.participants(owner, id, everyone)).items.map(({ userId }) => userId)).toEqual([
          owner.userId,
        ])
        expect((yield* typesOf(events)).toSorted()).toEqual(
          [...Array(4).fill("voice_left"), "member_removed", "member_removed", "call_ended"].toSorted(),
        )
        const signaling = yield* VoiceSignaling
        const lost = signaling.send(removed, room, { to: owner.userId, type: "offer", data: {} })
        expect(yield* Effect.flip(lost)).toMatchObject({ _tag: "NotParticipating", who: "actor" })
        expect((yield* Effect.flip(calls.join(removed, call.id)))._tag).toBe("CallNotFound")
        yield* channels.delete(owner, id)
        expect((yield* Effect.flip(calls.get(owner, call.id)))._tag).toBe("CallNotFound")
        expect((yield* Effect.flip(voice.join(owner, id)))._tag).toBe("ScopeNotFound")
      }),
  )

  it.live("relays a signal of any size to the other participant alone, in order", () =>
    Effect.gen(function* () {
      const [voice, signaling] = yield* Effect.all([VoiceChannels, VoiceSignaling])
      const { id, owner, members } = yield* newChannel(2)
      const [member, bystander] = members as [Actor, Actor]
      const { room } = yield* voice.join(owner, id)
      for (const actor of members) yield* voice.join(actor, id)
      const [toOwner, toMember, toBystander] = [
        yield* connect(owner, room),
        yield* connect(member, room),
        yield* connect(bystander, room),
      ]
      const offer = { sdp: `v=0 🎙 ${"a=candidate é\r\n".repeat(1500)}` }
      const to = member.userId
      yield* Effect.all(
        [
          signaling.send(owner, room, { to, type: "offer", data: offer }),
          signaling.send(bystander, room, { to: to.toUpperCase() as typeof to, type: "offer", data: offer }),
        ],
        { concurrency: 2 },
      )
      for (let n = 0; n < 20; n++)
        yield* signaling.send(owner, room, { to, type: "ice-candidate", data: { n } })
      yield* waitUntil(() => toMember.received.length === 22)
      const expected = [offer, ...Array.from({ length: 20 }, (_, n) => ({ n }))]
      const received = toMember.received.filter(({ from }) => from === owner.userId)
      expect(received.map(({ data }) => data)).toEqual(expected)
      expect([toOwner.received, toBystander.received]).toEqual([[], []])

      const tooLarge = { to, type: "offer" as const, data: { sdp: "x".repeat(70_000) } }
      expect((yield* Effect.flip(signaling.send(owner, room, tooLarge)))._tag).toBe("SignalTooLarge")
      yield* voice.leave(member, id)
      const late = signaling.send(owner, room, { to, type: "mute", data: {} })
      expect(yield* Effect.flip(late)).toMatchObject({ _tag: "NotParticipating", who: "other" })
    }),
  )
})
