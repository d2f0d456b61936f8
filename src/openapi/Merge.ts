import type { Document, OperationObject, PathItem } from "./Document"
import type { DocumentInfo } from "./Info"

/** The name of a contract and its document. */
interface ContractDocument {
  readonly name: string
  readonly document: Document
}

const introduction = `A chat backend in a single executable. It serves several documented APIs, each at the paths that
its document specifies; they share accounts, conversations and generations.

- **Sign in** through any contract and send \`Authorization: Bearer …\`; browsers may use the session cookie instead.
- **Errors** have \`error\`, \`code\` and \`requestId\` in every contract, plus the fields that the contract adds.
- **Rate limits** are in \`X-RateLimit-*\`; a rejected request has \`Retry-After\`, the seconds to wait.
- **Events** over Socket.IO have a separate document: [asyncapi.json](asyncapi.json).`

/** Qualifies a tag by its contract, since tags of two contracts may have the same name. */
const tagName = (entry: ContractDocument, tag: string) => `${entry.name}: ${tag}`

const prefixTags = (part: ContractDocument, item: PathItem): PathItem =>
  Object.fromEntries(
    Object.entries(item).map(([method, operation]): [string, OperationObject] => [
      method,
      { ...operation, tags: operation.tags.map((tag) => tagName(part, tag)) },
    ]),
  )

/**
 * Merges the documents of all contracts, whose components are the same where they have the same name.
 * A path that two contracts share becomes one with the methods of both.
 */
export const merge = (parts: ReadonlyArray<ContractDocument>, documentInfo: DocumentInfo): Document => {
  const components: Record<string, Document["components"][string]> = {}
  const paths: Record<string, PathItem> = {}
  for (const part of parts) {
    for (const [kind, byName] of Object.entries(part.document.components)) {
      components[kind] = { ...components[kind], ...byName }
    }
    for (const [path, item] of Object.entries(part.document.paths)) {
      paths[path] = { ...paths[path], ...prefixTags(part, item) }
    }
  }
  return {
    openapi: "3.1.0",
    info: { title: "Parley", description: introduction, ...documentInfo.info },
    servers: documentInfo.servers,
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
