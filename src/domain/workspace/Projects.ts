import { SqlClient } from "@effect/sql"
import { DateTime, Effect } from "effect"
import { FileNotFound } from "../files/Files/Errors"
import type { FileId } from "../files/Files/Model"
import { Memberships } from "../identity/Memberships"
import { ScopeNotFound } from "../identity/Memberships/Errors"
import type { Actor } from "../shared/Actor"
import { ChangeFeed } from "../shared/ChangeFeed"
import type { OffsetLimit } from "../shared/Page"
import { withTransaction } from "../shared/Transaction"
import { ProjectFilesRepo } from "./Projects/FilesRepo"
import { type NewProject, type Project, type ProjectChange, ProjectId, projectScope } from "./Projects/Model"
import { ProjectsRepo } from "./Projects/Repo"

/** Manages projects. Who belongs to them is up to `Memberships`. */
export class Projects extends Effect.Service<Projects>()("Projects", {
  dependencies: [ProjectsRepo.Default, ProjectFilesRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* ProjectsRepo
    const projectFiles = yield* ProjectFilesRepo
    const memberships = yield* Memberships
    const feed = yield* ChangeFeed

    /** Lists the projects that the actor is a member of, optionally with a tag, last updated first. */
    const list = Effect.fn("Projects.list")((actor: Actor, tag: string | undefined, range: OffsetLimit) =>
      repo.list(actor, { tag }, range),
    )

    /** Lists the projects that the actor has starred, last updated first. */
    const listStarred = Effect.fn("Projects.listStarred")((actor: Actor, range: OffsetLimit) =>
      repo.list(actor, { isStarred: true }, range),
    )

    /** Lists the tags of the actor's projects, alphabetically. */
    const tags = Effect.fn("Projects.tags")(repo.tags)

    /** Creates a project that the actor owns. */
    const create = Effect.fn("Projects.create")(function* (actor: Actor, input: NewProject) {
      const now = yield* DateTime.nowAsDate
      const project: Project = {
        id: ProjectId.make(yield* memberships.create(actor, "project")),
        name: input.name,
        description: input.description ?? null,
        tags: [...new Set(input.tags)],
        role: "owner",
        isStarred: false,
        createdAt: now,
        updatedAt: now,
      }
      yield* repo.insert(project)
      yield* feed.publish({ entity: "project", action: "created", id: project.id, userIds: [actor.userId] })
      return project
    }, transaction)

    /** Returns a project. Requires a member. */
    const get = Effect.fn("Projects.get")((actor: Actor, id: ProjectId) =>
      Effect.flatMap(
        repo.find(actor, id),
        Effect.mapError(() => new ScopeNotFound({ kind: "project" })),
      ),
    )

    /** Updates the provided fields; a `description` of null removes it. Requires an editor or owner. */
    const update = Effect.fn("Projects.update")(function* (
      actor: Actor,
      id: ProjectId,
      { tags, ...change }: ProjectChange,
    ) {
      yield* memberships.authorize(actor, projectScope(id), "update")
      const distinct = tags === undefined ? {} : { tags: [...new Set(tags)] }
      yield* repo.update(id, { ...change, ...distinct }, yield* DateTime.nowAsDate)
      yield* memberships.publish(projectScope(id), "updated")
      return yield* get(actor, id)
    }, transaction)

    /** Stars a project for the actor alone. Idempotent. */
    const star = Effect.fn("Projects.star")(function* (actor: Actor, id: ProjectId) {
      yield* memberships.lockMember(actor, projectScope(id))
      yield* repo.star(actor, id, yield* DateTime.nowAsDate)
      return yield* get(actor, id)
    }, transaction)

    /** Removes the actor's star. Idempotent. */
    const unstar = Effect.fn("Projects.unstar")(function* (actor: Actor, id: ProjectId) {
      yield* memberships.lockMember(actor, projectScope(id))
      yield* repo.unstar(actor, id)
      return yield* get(actor, id)
    }, transaction)

    /** Lists a range of a project's files, last added first. Requires a member. */
    const listFiles = Effect.fn("Projects.listFiles")(function* (
      actor: Actor,
      id: ProjectId,
      range: OffsetLimit,
    ) {
      yield* memberships.requireMember(actor, projectScope(id))
      return yield* projectFiles.list(id, range)
    })

    /** Adds one of the actor's own files, which the members may then read. Idempotent. Requires an editor or owner. */
    const addFile = Effect.fn("Projects.addFile")(function* (actor: Actor, id: ProjectId, file: FileId) {
      yield* memberships.authorize(actor, projectScope(id), "write")
      const added = yield* projectFiles.add(actor, id, file, yield* DateTime.nowAsDate)
      const stored = yield* Effect.mapError(added, () => new FileNotFound())
      yield* memberships.publish(projectScope(id), "updated")
      return stored
    }, transaction)

    /** Removes a file from a project; the file stays. Requires an editor or owner. */
    const removeFile = Effect.fn("Projects.removeFile")(function* (
      actor: Actor,
      id: ProjectId,
      file: FileId,
    ) {
      yield* memberships.authorize(actor, projectScope(id), "write")
      const removed = yield* projectFiles.remove(id, file)
      if (!removed) return yield* new FileNotFound()
      yield* memberships.publish(projectScope(id), "updated")
    }, transaction)

    return { listFiles, addFile, removeFile, list, listStarred, tags, create, get, update, star, unstar }
  }),
}) {}
