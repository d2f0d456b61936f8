import { Schema } from "effect"
import { MemberOf, type ScopeKind } from "../../domain/identity/Memberships/Model"
import { example } from "../../http/Example"

export const memberExample = {
  userId: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01",
  name: "Ada Lovelace",
  email: "ada@example.com",
  avatar: null,
  joinedAt: "2026-01-15T09:30:00.000Z",
}

/** Makes the body of a member of a kind of scope, with an example role. */
export const memberBody = <K extends ScopeKind>(kind: K, role: string) => {
  const { userId, role: roles, name, email, avatarUrl } = MemberOf(kind).fields
  return Schema.Struct({
    userId,
    name,
    email,
    avatarUrl: Schema.propertySignature(avatarUrl).pipe(Schema.fromKey("avatar")),
    role: roles,
    joinedAt: Schema.Date,
  }).annotations({
    identifier: `${kind.charAt(0).toUpperCase()}${kind.slice(1)}Member`,
    ...example({ ...memberExample, role }),
  })
}
