import { Effect } from "effect"
import { App, type TestUser } from "../../../support/App"
import type { Sample } from "./Sample"

/** Makes the function that creates a resource by a `POST` of the body, and returns the id at a path of the response. */
const creator =
  (path: string, body: unknown, id: string) =>
  ({ token }: TestUser) =>
    Effect.gen(function* () {
      const app = yield* App
      return (yield* app.request("POST", path, { token, body })).at(id)
    })

const newProject = creator("/api/projects", { name: "Website" }, "project.id")
const newDocument = creator("/api/library/documents", { title: "Guide", content: "Text" }, "document.id")
const newCollection = creator("/api/library/collections", { name: "Guides" }, "collection.id")

/** Creates a project with another member. */
const newProjectMember = (owner: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const project = yield* newProject(owner)
    const { id } = yield* app.newUser()
    const body = { userId: id, role: "viewer" }
    yield* app.request("POST", `/api/projects/${project}/members`, { token: owner.token, body })
    return [project, id]
  })

/** Uploads a file. */
const newFile = ({ token }: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const raw = new FormData()
    raw.append("file", new Blob(["text"]), "note.txt")
    return (yield* app.request("POST", "/api/files", { token, raw })).at("file.id")
  })

/** Creates a project with a file in it. */
const newProjectFile = (owner: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const [project, fileId] = [yield* newProject(owner), yield* newFile(owner)]
    yield* app.request("POST", `/api/projects/${project}/files`, { token: owner.token, body: { fileId } })
    return [project, fileId]
  })

/** Creates a collection with a document in it. */
const newCollectionDocument = (owner: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const [collection, documentId] = [yield* newCollection(owner), yield* newDocument(owner)]
    const path = `/api/library/collections/${collection}/documents`
    yield* app.request("POST", path, { token: owner.token, body: { documentId } })
    return [collection, documentId]
  })

export const workspace: Readonly<Record<string, Sample>> = {
  createProject: { nullable: ["description"] },
  getProject: { ids: newProject },
  updateProject: { nullable: ["description"], ids: newProject },
  deleteProject: { ids: newProject },
  starProject: { ids: newProject },
  unstarProject: { ids: newProject },
  listProjectChats: { ids: newProject },
  listProjectFiles: { ids: newProject },
  addProjectFile: { ids: newProject, ownerReceives: 404 },
  removeProjectFile: { ids: newProjectFile },
  listProjectMembers: { ids: newProject },
  // The example names a user who does not exist.
  addProjectMember: { ids: newProject, ownerReceives: 404 },
  removeProjectMember: { ids: newProjectMember },
  getDocument: { ids: newDocument },
  createDocument: { long: ["content"] },
  updateDocument: { long: ["content"], ids: newDocument },
  deleteDocument: { ids: newDocument },
  createCollection: { nullable: ["icon"] },
  updateCollection: { nullable: ["icon"], ids: newCollection },
  deleteCollection: { ids: newCollection },
  listCollectionDocuments: { ids: newCollection },
  addCollectionDocument: { ids: newCollection, ownerReceives: 404 },
  removeCollectionDocument: { ids: newCollectionDocument },
}
