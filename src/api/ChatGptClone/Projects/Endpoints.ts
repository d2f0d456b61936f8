import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { FileId } from "../../../domain/files/Files/Model"
import { UserId } from "../../../domain/shared/Actor"
import { ProjectFields, ProjectId, ProjectRole } from "../../../domain/workspace/Projects/Model"
import { Authenticated } from "../../../http/Authenticated"
import { example } from "../../../http/Example"
import { Fields, optional, renamed } from "../../../http/Fields"
import { OptionalTextParam } from "../../../http/Params"
import { bodyOf, Success } from "../Body"
import { ChatBody } from "../ChatBody"
import { errors } from "../Errors"
import { FileBody } from "../Files"
import { memberBody, memberExample } from "../MemberBody"
import { rangeFields, rangeParams } from "../Paging"

const newProject = { name: "Website", description: "Relaunch in spring", tags: ["design", "2026"] }

const projectExample = {
  id: "019bc0f1-2d06-7c3a-9d52-8b1d0e4f7a55",
  ...newProject,
  role: "owner",
  isStarred: false,
  createdAt: "2026-01-15T09:30:00.000Z",
  updatedAt: "2026-01-15T09:30:00.000Z",
}

const Project = Schema.Struct({
  id: ProjectId,
  name: Schema.String,
  description: Schema.NullOr(Schema.String),
  tags: Schema.Array(Schema.String),
  role: ProjectRole.annotations({ description: "The caller's role" }),
  isStarred: Schema.Boolean.annotations({ description: "Whether the caller has starred it" }),
  createdAt: Schema.Date,
  updatedAt: Schema.Date,
}).annotations({ identifier: "Project", ...example(projectExample) })

const Member = memberBody("project", "editor")

/** The roles that requests may name: this contract calls an editor `admin` or `member` as well. */
const RoleField = Schema.transform(
  Schema.Literal("owner", "editor", "viewer", "admin", "member"),
  ProjectRole,
  {
    strict: true,
    decode: (role) => (role === "admin" || role === "member" ? "editor" : role),
    encode: (role) => role,
  },
)

/** The project that a path names. */
const projectParam = HttpApiSchema.param(
  "id",
  ProjectId.annotations({ description: "The project's id", ...example(projectExample.id) }),
)

const userId = HttpApiSchema.param(
  "userId",
  UserId.annotations({ description: "The member's user id", ...example(memberExample.userId) }),
)

const exampleFileId = "019bc0f1-2b51-7c3a-9d52-1c3e5a7b9d20"

const fileId = HttpApiSchema.param(
  "fileId",
  FileId.annotations({ description: "The file's id", ...example(exampleFileId) }),
)

const docs = {
  name: { description: "The name" },
  description: { description: "More about it; null for none" },
  tags: { description: "Words to filter by, at most 20" },
}

const singleResponse = bodyOf("The project", "project", Project)
const listBody = Schema.Struct(rangeFields("projects", Project)).annotations({
  description: "A range of projects",
})

export const endpoints = HttpApiGroup.make("projects")
  .add(
    HttpApiEndpoint.get("listProjects", "/api/projects")
      .setUrlParams(
        Fields({ ...rangeParams(), tag: OptionalTextParam("Only projects with this tag") }).annotations(
          example({ tag: "design" }),
        ),
      )
      .addSuccess(listBody)
      .annotate(OpenApi.Summary, "List projects")
      .annotate(
        OpenApi.Description,
        "Returns the projects that the user is a member of, last updated first.",
      ),
  )
  .add(
    HttpApiEndpoint.post("createProject", "/api/projects")
      .setPayload(
        Fields({
          name: Schema.propertySignature(ProjectFields.name).annotations(docs.name),
          description: optional(ProjectFields.description).annotations(docs.description),
          tags: optional(ProjectFields.tags).annotations(docs.tags),
        }).annotations(example(newProject)),
      )
      .addSuccess(singleResponse, { status: 201 })
      .annotate(OpenApi.Summary, "Create a project")
      .annotate(OpenApi.Description, "Creates a project that the user owns."),
  )
  .add(
    HttpApiEndpoint.get("starredProjects", "/api/projects/starred")
      .setUrlParams(Fields(rangeParams()))
      .addSuccess(listBody)
      .annotate(OpenApi.Summary, "List starred projects")
      .annotate(OpenApi.Description, "Returns the projects that the user has starred, last updated first."),
  )
  .add(
    HttpApiEndpoint.get("projectTags", "/api/projects/tags")
      .addSuccess(
        bodyOf("The tags", "tags", Schema.Array(Schema.String).annotations(example(["2026", "design"]))),
      )
      .annotate(OpenApi.Summary, "List tags")
      .annotate(OpenApi.Description, "Returns the tags of the user's projects, alphabetically."),
  )
  .add(
    HttpApiEndpoint.get("getProject")`/api/projects/${projectParam}`
      .addSuccess(singleResponse)
      .addError(errors.ProjectNotFound)
      .annotate(OpenApi.Summary, "Get a project")
      .annotate(OpenApi.Description, "Returns a project that the user is a member of."),
  )
  .add(
    HttpApiEndpoint.put("updateProject")`/api/projects/${projectParam}`
      .setPayload(
        Fields({
          name: optional(ProjectFields.name).annotations(docs.name),
          description: optional(ProjectFields.description).annotations(docs.description),
          tags: optional(ProjectFields.tags).annotations(docs.tags),
        }).annotations(example({ name: "Website 2", description: null })),
      )
      .addSuccess(singleResponse)
      .addError(errors.NotPermitted)
      .addError(errors.ProjectNotFound)
      .annotate(OpenApi.Summary, "Update a project")
      .annotate(OpenApi.Description, "Updates the fields that are present. Owners and editors may."),
  )
  .add(
    HttpApiEndpoint.del("deleteProject")`/api/projects/${projectParam}`
      .addSuccess(Success)
      .addError(errors.NotPermitted)
      .addError(errors.ProjectNotFound)
      .annotate(OpenApi.Summary, "Delete a project")
      .annotate(
        OpenApi.Description,
        "Deletes the project. Its chats and files stay with their owners. Owners may.",
      ),
  )
  .add(
    HttpApiEndpoint.post("starProject")`/api/projects/${projectParam}/star`
      .addSuccess(singleResponse)
      .addError(errors.ProjectNotFound)
      .annotate(OpenApi.Summary, "Star a project")
      .annotate(OpenApi.Description, "Stars the project for the user alone."),
  )
  .add(
    HttpApiEndpoint.post("unstarProject")`/api/projects/${projectParam}/unstar`
      .addSuccess(singleResponse)
      .addError(errors.ProjectNotFound)
      .annotate(OpenApi.Summary, "Unstar a project")
      .annotate(OpenApi.Description, "Removes the user's star."),
  )
  .add(
    HttpApiEndpoint.get("listProjectMembers")`/api/projects/${projectParam}/members`
      .setUrlParams(Fields(rangeParams()))
      .addSuccess(
        Schema.Struct(rangeFields("members", Member)).annotations({ description: "A range of the members" }),
      )
      .addError(errors.ProjectNotFound)
      .annotate(OpenApi.Summary, "List members")
      .annotate(OpenApi.Description, "Returns the members in the order in which they joined."),
  )
  .add(
    HttpApiEndpoint.post("addProjectMember")`/api/projects/${projectParam}/members`
      .setPayload(
        Fields({
          userId: renamed("userId", UserId).annotations({ description: "The id of an account" }),
          role: Schema.optionalWith(RoleField, { exact: true, default: () => "editor" as const }).annotations(
            {
              description: "The role; `admin` and `member` mean `editor`",
            },
          ),
        }).annotations(example({ userId: memberExample.userId, role: "editor" })),
      )
      .addSuccess(bodyOf("The member", "member", Member), { status: 201 })
      .addError(errors.AlreadyMember)
      .addError(errors.NotPermitted)
      .addError(errors.ProjectNotFound)
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Add a member")
      .annotate(OpenApi.Description, "Adds an existing account. Owners may."),
  )
  .add(
    HttpApiEndpoint.del("removeProjectMember")`/api/projects/${projectParam}/members/${userId}`
      .addSuccess(Success)
      .addError(errors.LastOwner)
      .addError(errors.MemberNotFound)
      .addError(errors.NotPermitted)
      .addError(errors.ProjectNotFound)
      .annotate(OpenApi.Summary, "Remove a member or leave")
      .annotate(
        OpenApi.Description,
        "Owners may remove others, and members themselves. The last owner stays.",
      ),
  )
  .add(
    HttpApiEndpoint.get("listProjectFiles")`/api/projects/${projectParam}/files`
      .setUrlParams(Fields(rangeParams()))
      .addSuccess(
        Schema.Struct(rangeFields("files", FileBody)).annotations({ description: "A range of the files" }),
      )
      .addError(errors.ProjectNotFound)
      .annotate(OpenApi.Summary, "List files")
      .annotate(OpenApi.Description, "Returns the files in the project, last added first."),
  )
  .add(
    HttpApiEndpoint.post("addProjectFile")`/api/projects/${projectParam}/files`
      .setPayload(
        Fields({
          fileId: Schema.propertySignature(FileId).annotations({
            description: "The id of a file of the user",
          }),
        }).annotations(example({ fileId: exampleFileId })),
      )
      .addSuccess(bodyOf("The file", "file", FileBody), { status: 201 })
      .addError(errors.FileNotFound)
      .addError(errors.NotPermitted)
      .addError(errors.ProjectNotFound)
      .annotate(OpenApi.Summary, "Add a file")
      .annotate(
        OpenApi.Description,
        "Adds a file of the user, which all members may then download. Owners and editors may.",
      ),
  )
  .add(
    HttpApiEndpoint.del("removeProjectFile")`/api/projects/${projectParam}/files/${fileId}`
      .addSuccess(Success)
      .addError(errors.FileNotFound)
      .addError(errors.NotPermitted)
      .addError(errors.ProjectNotFound)
      .annotate(OpenApi.Summary, "Remove a file")
      .annotate(
        OpenApi.Description,
        "Removes a file from the project. It stays with its owner. Owners and editors may.",
      ),
  )
  .add(
    HttpApiEndpoint.get("listProjectChats")`/api/projects/${projectParam}/chats`
      .setUrlParams(Fields(rangeParams()))
      .addSuccess(
        Schema.Struct(rangeFields("chats", ChatBody)).annotations({ description: "A range of the chats" }),
      )
      .addError(errors.ProjectNotFound)
      .annotate(OpenApi.Summary, "List chats")
      .annotate(OpenApi.Description, "Returns the chats of all members in the project, last active first."),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Projects")
  .annotate(
    OpenApi.Description,
    "Chats and files that members work on together, as owners, editors or viewers. Others cannot tell that a project exists.",
  )
