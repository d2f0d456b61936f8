import { Effect } from "effect"
import { Conversations } from "../../../domain/conversations/Conversations"
import { Memberships } from "../../../domain/identity/Memberships"
import { Projects } from "../../../domain/workspace/Projects"
import { projectScope } from "../../../domain/workspace/Projects/Model"
import { withActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { ranged } from "../Paging"
import { endpoints } from "./Endpoints"

export const projects = defineResource({
  group: endpoints,
  prefixes: ["/api/projects"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const projects = yield* Projects
      const memberships = yield* Memberships
      const conversations = yield* Conversations
      return handlers
        .handle(
          "listProjects",
          withActor((actor, { urlParams }) =>
            ranged(urlParams, (range) => projects.list(actor, urlParams.tag, range)),
          ),
        )
        .handle(
          "createProject",
          withActor((actor, { payload }) => projects.create(actor, payload)),
        )
        .handle(
          "starredProjects",
          withActor((actor, { urlParams }) =>
            ranged(urlParams, (range) => projects.listStarred(actor, range)),
          ),
        )
        .handle(
          "projectTags",
          withActor((actor) => projects.tags(actor)),
        )
        .handle(
          "getProject",
          withActor((actor, { path }) => projects.get(actor, path.id)),
        )
        .handle(
          "updateProject",
          withActor((actor, { path, payload }) => projects.update(actor, path.id, payload)),
        )
        .handle(
          "deleteProject",
          withActor((actor, { path }) => memberships.deleteScope(actor, projectScope(path.id))),
        )
        .handle(
          "starProject",
          withActor((actor, { path }) => projects.star(actor, path.id)),
        )
        .handle(
          "unstarProject",
          withActor((actor, { path }) => projects.unstar(actor, path.id)),
        )
        .handle(
          "listProjectMembers",
          withActor((actor, { path, urlParams }) =>
            ranged(urlParams, (range) => memberships.list(actor, projectScope(path.id), range)),
          ),
        )
        .handle(
          "addProjectMember",
          withActor((actor, { path, payload: { userId, role } }) =>
            memberships.add(actor, projectScope(path.id), { userId }, role),
          ),
        )
        .handle(
          "removeProjectMember",
          withActor((actor, { path }) => memberships.remove(actor, projectScope(path.id), path.userId)),
        )
        .handle(
          "listProjectFiles",
          withActor((actor, { path, urlParams }) =>
            ranged(urlParams, (range) => projects.listFiles(actor, path.id, range)),
          ),
        )
        .handle(
          "addProjectFile",
          withActor((actor, { path, payload }) => projects.addFile(actor, path.id, payload.fileId)),
        )
        .handle(
          "removeProjectFile",
          withActor((actor, { path }) => projects.removeFile(actor, path.id, path.fileId)),
        )
        .handle(
          "listProjectChats",
          withActor((actor, { path, urlParams }) =>
            ranged(urlParams, (range) => conversations.listInProject(actor, path.id, range)),
          ),
        )
    }),
})
