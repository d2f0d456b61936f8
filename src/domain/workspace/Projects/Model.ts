import { Schema } from "effect"
import { RoleIn, type Scope, ScopeId } from "../../identity/Memberships/Model"
import { MultilineText, SingleLineText } from "../../shared/Text"

export const ProjectId = ScopeId.pipe(Schema.brand("ProjectId"))
export type ProjectId = typeof ProjectId.Type

export const ProjectRole = RoleIn("project")
export type ProjectRole = typeof ProjectRole.Type

/** Returns the scope of a project's members. */
export const projectScope = (id: ProjectId): Scope<"project"> => ({ kind: "project", id })

/** Schemas of the fields that a user provides. */
export const ProjectFields = {
  name: SingleLineText(1, 200),
  description: Schema.NullOr(MultilineText(0, 10_000)),
  tags: Schema.Array(SingleLineText(1, 50)).pipe(
    Schema.maxItems(20, { message: () => "must be at most 20 tags" }),
  ),
}

/** Chats and files that its members work on together, as one of them sees it. */
export const Project = Schema.Struct({
  id: ProjectId,
  name: Schema.String,
  description: Schema.NullOr(Schema.String),
  tags: Schema.Array(Schema.String),
  /** The role of the member who sees it. */
  role: ProjectRole,
  /** Whether that member has starred it. */
  isStarred: Schema.Boolean,
  createdAt: Schema.DateFromSelf,
  updatedAt: Schema.DateFromSelf,
})
export type Project = typeof Project.Type

export type NewProject = Pick<Project, "name"> & Partial<Pick<Project, "description" | "tags">>
export type ProjectChange = Partial<Pick<Project, "name" | "description" | "tags">>

/** Selects projects of a user. */
export interface ProjectFilter {
  readonly tag?: string | undefined
  readonly isStarred?: boolean
}
