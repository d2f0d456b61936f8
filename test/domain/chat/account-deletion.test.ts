import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Option } from "effect"
import { AccountDeletion } from "../../../src/domain/chat/AccountDeletion"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import { BlobStore } from "../../../src/domain/files/BlobStore"
import { Files } from "../../../src/domain/files/Files"
import { Generations } from "../../../src/domain/generation/Generations"
import { Memberships } from "../../../src/domain/identity/Memberships"
import type { Scope } from "../../../src/domain/identity/Memberships/Model"
import { Organizations } from "../../../src/domain/identity/Organizations"
import { organizationScope } from "../../../src/domain/identity/Organizations/Model"
import { Users } from "../../../src/domain/identity/Users"
import { Channels } from "../../../src/domain/messaging/Channels"
import { Posts } from "../../../src/domain/messaging/Posts"
import { ModelStreams } from "../../../src/domain/operations/ModelStreams"
import type { Actor } from "../../../src/domain/shared/Actor"
import { Documents } from "../../../src/domain/workspace/Documents"
import { Goals } from "../../../src/domain/workspace/Goals"
import { Projects } from "../../../src/domain/workspace/Projects"
import { projectScope } from "../../../src/domain/workspace/Projects/Model"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, stall } from "../../support/ScriptedProvider/Script"
import * as TestLayer from "../../support/testLayer"

const deleteAccount = (actor: Actor, { userId }: Actor = actor) =>
  Effect.flatMap(AccountDeletion, (deletion) =>
    userId === actor.userId ? deletion.deleteOwn(actor) : deletion.deleteUser(actor, userId),
  )

const outcome = (effect: Effect.Effect<unknown, { readonly _tag: string }, AccountDeletion>) =>
  Effect.match(effect, { onFailure: ({ _tag }) => _tag, onSuccess: () => "ok" })

/** Returns the roles of users in a scope; null for those who are no members. */
const rolesIn = (scope: Scope, actors: ReadonlyArray<Actor>) =>
  Effect.flatMap(Memberships, (memberships) =>
    Effect.forEach(actors, (actor) =>
      Effect.map(memberships.roleOf(actor, scope), (role): string | null => Option.getOrNull(role)),
    ),
  )

const exists = ({ id }: Scope) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    return (yield* sql`select from scopes where id = ${id}`).length > 0
  })

layer(TestLayer.layer())("Deleting an account", (it) => {
  it.live("deletes everything of the user with the blobs of files, and cancels generations", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const provider = yield* Provider
      const [user, other] = [yield* TestLayer.newActor(), yield* TestLayer.newActor()]
      const [conversations, generations, blobs] = yield* Effect.all([Conversations, Generations, BlobStore])
      const project = yield* (yield* Projects).create(other, { name: "Trips" })
      yield* (yield* Memberships).add(other, projectScope(project.id), user, "editor")
      const chat = yield* conversations.createInProject(user, project.id, {})
      const requestCount = provider.requests.length
      yield* provider.script(answer("Half", stall))
      const { generation } = yield* generations.start(user, { conversationId: chat.id, content: "Where to?" })
      yield* provider.received(requestCount)
      yield* (yield* Goals).create(user, { title: "Travel" })
      yield* (yield* Documents).create(user, { title: "Packing", content: "Socks" })
      const bytes = new TextEncoder().encode("text")
      const file = yield* (yield* Files).store(user, { bytes, mediaType: "text/plain" })

      yield* deleteAccount(user)
      expect((yield* Effect.flip((yield* Users).me(user)))._tag).toBe("UserNotFound")
      expect(yield* (yield* ModelStreams).list(yield* TestLayer.newActor("admin"))).toEqual([])
      const rows = yield* sql`
        select 'users' as t from users where id = ${user.userId}
        union all select 'sessions' from sessions where user_id = ${user.userId}
        union all select 'memberships' from memberships where user_id = ${user.userId}
        union all select 'conversations' from conversations where user_id = ${user.userId}
        union all select 'messages' from messages where user_id = ${user.userId}
        union all select 'generations' from generations where id = ${generation.id}
        union all select 'files' from files where owner_id = ${user.userId}
        union all select 'goals' from goals where user_id = ${user.userId}
        union all select 'documents' from documents where user_id = ${user.userId}`
      expect(rows).toEqual([])
      expect(yield* rolesIn(projectScope(project.id), [other])).toEqual(["owner"])
      yield* Effect.repeat(Effect.delay(blobs.open(file.id), "100 millis"), { until: Option.isNone })
    }),
  )

  it.live("passes what is shared to the longest-standing admin, else member, and deletes the rest", () =>
    Effect.gen(function* () {
      const [organizations, memberships, channels, posts] = yield* Effect.all([
        Organizations,
        Memberships,
        Channels,
        Posts,
      ])
      const [user, member, admin] = [
        yield* TestLayer.newActor(),
        yield* TestLayer.newActor(),
        yield* TestLayer.newActor(),
      ]
      const newScope = Effect.map(organizations.create(user, { name: "Engines" }), ({ id }) =>
        organizationScope(id),
      )
      const [withAdmin, withMember, alone] = [yield* newScope, yield* newScope, yield* newScope]
      yield* memberships.add(user, withAdmin, member, "member")
      yield* memberships.add(user, withAdmin, admin, "admin")
      yield* memberships.add(user, withMember, member, "member")
      yield* memberships.add(user, withMember, admin, "member")
      const channel = yield* channels.create(user, { name: "general", type: "text" })
      const channelScope: Scope<"channel"> = { kind: "channel", id: channel.id }
      yield* memberships.add(user, channelScope, member, "member")
      const { post } = yield* posts.send(user, channel.id, { content: "I was here" })

      yield* deleteAccount(user)
      expect(yield* rolesIn(withAdmin, [user, member, admin])).toEqual([null, "member", "owner"])
      expect(yield* rolesIn(withMember, [user, member, admin])).toEqual([null, "owner", "member"])
      expect(yield* rolesIn(channelScope, [user, member])).toEqual([null, "owner"])
      expect(yield* exists(alone)).toBe(false)
      const sql = yield* SqlClient.SqlClient
      expect(yield* sql`select content, author_id from posts where id = ${post.id}`).toMatchObject([
        { content: "I was here", author_id: null },
      ])
    }),
  )

  it.live(
    "leaves an owner when two owners delete their accounts at once, and nothing when nobody is left",
    () =>
      Effect.gen(function* () {
        const [organizations, memberships] = yield* Effect.all([Organizations, Memberships])
        const [one, two, member] = [
          yield* TestLayer.newActor(),
          yield* TestLayer.newActor(),
          yield* TestLayer.newActor(),
        ]
        const newScope = Effect.gen(function* () {
          const { id } = yield* organizations.create(one, { name: "Engines" })
          yield* memberships.add(one, organizationScope(id), two, "owner")
          return organizationScope(id)
        })
        const [shared, ownersOnly] = [yield* newScope, yield* newScope]
        yield* memberships.add(one, shared, member, "member")
        const deletions = [deleteAccount(one), deleteAccount(two), deleteAccount(one)]
        const outcomes = yield* Effect.all(deletions.map(outcome), { concurrency: "unbounded" })
        expect(outcomes.toSorted()).toEqual(["UserNotFound", "ok", "ok"])
        expect(yield* rolesIn(shared, [one, two, member])).toEqual([null, null, "owner"])
        expect(yield* exists(ownersOnly)).toBe(false)
      }),
  )

  it.live("leaves no scope without an owner when the user is added to one at the same time", () =>
    Effect.gen(function* () {
      const memberships = yield* Memberships
      const [owner, user] = [yield* TestLayer.newActor(), yield* TestLayer.newActor()]
      const { id } = yield* (yield* Organizations).create(owner, { name: "Engines" })
      const scope = organizationScope(id)
      const add = memberships.add(owner, scope, user, "owner")
      const outcomes = yield* Effect.all([outcome(add), outcome(deleteAccount(user))], {
        concurrency: "unbounded",
      })
      expect(["ok", "UserNotFound"]).toContain(outcomes[0] ?? "")
      expect(outcomes[1]).toBe("ok")
      expect(yield* rolesIn(scope, [owner, user])).toEqual(["owner", null])
    }),
  )

  it.live("is for the user and for administrators, whose own accounts stay, and is audited", () =>
    Effect.gen(function* () {
      const [user, other] = [yield* TestLayer.newActor(), yield* TestLayer.newActor()]
      const [admin, second] = [yield* TestLayer.newActor("admin"), yield* TestLayer.newActor("admin")]
      expect(
        yield* Effect.forEach(
          [
            deleteAccount(user, other),
            deleteAccount(admin),
            deleteAccount(admin, second),
            deleteAccount(admin, user),
          ],
          outcome,
        ),
      ).toEqual(["AdminRequired", "DeletionNotAllowed", "DeletionNotAllowed", "ok"])
      const sql = yield* SqlClient.SqlClient
      expect(yield* sql`select action from audit_log where target_id = ${user.userId}`).toEqual([
        { action: "delete_user" },
      ])
    }),
  )
})
