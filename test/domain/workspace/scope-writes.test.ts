import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Deferred, Effect, Fiber } from "effect"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import { Files } from "../../../src/domain/files/Files"
import { Invites } from "../../../src/domain/identity/Invites"
import { Memberships } from "../../../src/domain/identity/Memberships"
import type { Scope } from "../../../src/domain/identity/Memberships/Model"
import { Organizations } from "../../../src/domain/identity/Organizations"
import { OrganizationKey, organizationScope } from "../../../src/domain/identity/Organizations/Model"
import { Teams } from "../../../src/domain/identity/Teams"
import { teamScope } from "../../../src/domain/identity/Teams/Model"
import type { Actor } from "../../../src/domain/shared/Actor"
import { Collections } from "../../../src/domain/workspace/Collections"
import { Documents } from "../../../src/domain/workspace/Documents"
import { Projects } from "../../../src/domain/workspace/Projects"
import { projectScope } from "../../../src/domain/workspace/Projects/Model"
import { layer } from "../../support/it"
import * as TestLayer from "../../support/testLayer"

type Write = Effect.Effect<unknown, { readonly _tag: string }>

/** Makes a change that is about to be committed, and writes meanwhile. Returns the outcome of the write. */
const writeDuring = (change: Effect.Effect<unknown, unknown>, write: Write) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const isChanged = yield* Deferred.make<void>()
    const changing = yield* Effect.fork(
      sql.withTransaction(
        Effect.zipRight(
          change,
          Effect.zipRight(Deferred.succeed(isChanged, undefined), Effect.sleep("200 millis")),
        ),
      ),
    )
    yield* Deferred.await(isChanged)
    const outcome = yield* Effect.match(write, { onFailure: ({ _tag }) => _tag, onSuccess: () => "ok" })
    yield* Fiber.join(changing)
    return outcome
  })

interface Attempt {
  readonly name: string
  readonly scope: Scope
  readonly write: Write
}

/** Creates one of each kind of scope, owned by both users, and what the second one may write in them. */
const newScopes = (owner: Actor, member: Actor) =>
  Effect.gen(function* () {
    const [projects, teams, organizations] = yield* Effect.all([Projects, Teams, Organizations])
    const [conversations, files, invites] = yield* Effect.all([Conversations, Files, Invites])
    const memberships = yield* Memberships
    const { id: projectId } = yield* projects.create(owner, { name: "Engines" })
    const { id: teamId } = yield* teams.create(owner, { name: "Engines" })
    const { id: organizationId } = yield* organizations.create(owner, { name: "Engines" })
    const [project, team, organization] = [
      projectScope(projectId),
      teamScope(teamId),
      organizationScope(organizationId),
    ]
    for (const scope of [project, team, organization]) yield* memberships.add(owner, scope, member, "owner")
    const file = yield* files.store(member, {
      bytes: new TextEncoder().encode("text"),
      mediaType: "text/plain",
    })
    yield* projects.addFile(member, projectId, file.id)
    const invitation = { email: "guest@example.com", role: "member" } as const
    const invite = yield* invites.create(owner, organization, invitation)
    const change = { name: "Taken over" }
    const attempts: ReadonlyArray<Attempt> = [
      { name: "add a file", scope: project, write: projects.addFile(member, projectId, file.id) },
      { name: "remove a file", scope: project, write: projects.removeFile(member, projectId, file.id) },
      { name: "update", scope: project, write: projects.update(member, projectId, change) },
      { name: "star", scope: project, write: projects.star(member, projectId) },
      { name: "start a chat", scope: project, write: conversations.createInProject(member, projectId, {}) },
      { name: "update", scope: team, write: teams.update(member, teamId, change) },
      {
        name: "update",
        scope: organization,
        write: organizations.update(member, OrganizationKey.make(organizationId), change),
      },
      { name: "cancel", scope: organization, write: invites.cancel(member, organization, invite.id) },
    ]
    return attempts
  })

layer(TestLayer.layer())("Writes in a scope", (it) => {
  it.live("wait for a removal of their author or of the scope, and are then rejected", () =>
    Effect.gen(function* () {
      const [owner, member] = [yield* TestLayer.newActor(), yield* TestLayer.newActor()]
      const memberships = yield* Memberships
      for (const { name, scope, write } of yield* newScopes(owner, member)) {
        const removal = memberships.remove(owner, scope, member.userId)
        expect([name, scope.kind, yield* writeDuring(removal, write)]).toEqual([
          name,
          scope.kind,
          "ScopeNotFound",
        ])
        yield* memberships.add(owner, scope, member, "owner")
      }
      for (const index of (yield* newScopes(owner, member)).keys()) {
        const { name, scope, write } =
          (yield* newScopes(owner, member))[index] ?? (yield* Effect.dieMessage("none"))
        const deletion = memberships.deleteScope(owner, scope)
        expect([name, scope.kind, yield* writeDuring(deletion, write)]).toEqual([
          name,
          scope.kind,
          "ScopeNotFound",
        ])
      }
    }),
  )
})

/** Creates a collection and a document of one user. */
const newLibrary = Effect.gen(function* () {
  const actor: Actor = yield* TestLayer.newActor()
  const [collections, documents] = yield* Effect.all([Collections, Documents])
  const collection = yield* collections.create(actor, { name: "Engines" })
  const document = yield* documents.create(actor, { title: "Steam", content: "Hot" })
  return {
    addition: collections.addDocument(actor, collection.id, document.id),
    deletions: [collections.remove(actor, collection.id), documents.remove(actor, document.id)] as const,
  }
})

layer(TestLayer.layer())("Additions to a collection", (it) => {
  it.live("wait for a deletion of the collection or of the document, and are then rejected", () =>
    Effect.gen(function* () {
      for (const [index, tag] of ["CollectionNotFound", "DocumentNotFound"].entries()) {
        const { addition, deletions } = yield* newLibrary
        expect(yield* writeDuring(deletions[index] ?? Effect.void, addition)).toBe(tag)
      }
    }),
  )
})
