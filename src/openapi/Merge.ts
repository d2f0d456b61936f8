import { union, withoutClashes } from "./Components"
import type { Document, OperationObject, PathItem } from "./Document"
import type { About } from "./Info"

/** A contract's document, and the contract's name. */
export interface Part {
  readonly name: string
  readonly document: Document
}

const introduction = `A chat backend that runs as one file. It speaks several documented APIs at once, each at the
paths that its own document gives; they share accounts, conversations and runs.

- **Sign in** at any of the doors and send \`Authorization: Bearer …\`; browsers may rely on the session cookie instead.
- **Errors** have \`error\`, \`code\` and \`requestId\` whatever the contract, beside what the contract adds.
- **Limits** are told in \`X-RateLimit-*\`; a refusal says in \`Retry-After\` how many seconds to wait.
- **Events** over Socket.IO are in a document of their own: [asyncapi.json](asyncapi.json).`

/** Tags of two contracts may have the same name: in the whole they are told apart by the contract's. */
const tagName = (part: Part, tag: string) => `${part.name}: ${tag}`

const retagged = (part: Part, item: PathItem): PathItem =>
  Object.fromEntries(
    Object.entries(item).map(([method, operation]): [string, OperationObject] => [
      method,
      { ...operation, tags: operation.tags.map((tag) => tagName(part, tag)) },
    ]),
  )

/** All contracts as one document. Where two answer at the same path, it is one path with the methods of both. */
export const merge = (parts: ReadonlyArray<Part>, about: About): Document => {
  let components: Document["components"] = {}
  const paths: Record<string, PathItem> = {}
  for (const part of parts) {
    const document = withoutClashes(part.document, components, part.name)
    components = union(components, document.components)
    for (const [path, item] of Object.entries(document.paths)) {
      paths[path] = { ...paths[path], ...retagged(part, item) }
    }
  }
  return {
    openapi: "3.1.0",
    info: { title: "Parley", description: introduction, ...about.info },
    servers: about.servers,
    tags: parts.flatMap((part) =>
      part.document.tags.map((tag) => ({
        ...tag,
        name: tagName(part, tag.name),
        "x-displayName": tag.name,
      })),
    ),
    "x-tagGroups": parts.map((part) => ({
      name: part.name,
      tags: part.document.tags.map(({ name }) => tagName(part, name)),
    })),
    paths,
    components,
  }
}
