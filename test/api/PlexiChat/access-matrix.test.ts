import { expect } from "bun:test"
import { join } from "node:path"
import { Effect } from "effect"
import { operations, publicOperations, sampleOf } from "../../http/middleware/operations"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"
import { pixel } from "../../support/ScriptedProvider/Wire"
import { newProtectedUser, startLogin } from "./twoFactorFixtures"

/** The generated table: `WRITE_ACCESS_MATRIX=1 bun test test/api/PlexiChat/access-matrix.test.ts` writes it. */
const tableFile = Bun.file(join(import.meta.dir, "access-matrix.md"))

const roles = ["anonymous", "other user", "member", "moderator", "owner", "administrator"] as const
type Role = (typeof roles)[number]
type Callers = Readonly<Record<Exclude<Role, "anonymous">, TestUser>>

const post = (user: TestUser, path: string, body: unknown) =>
  Effect.flatMap(App, (app) => app.request("POST", path, { token: user.token, body }))
const create = (user: TestUser, path: string, body: unknown) =>
  Effect.map(post(user, path, body), (response) => response.at("data.id"))

const addMembers = (callers: Callers, scope: string) =>
  Effect.all([
    post(callers.owner, `${scope}/members`, { user_id: callers.member.id }),
    post(callers.owner, `${scope}/members`, { user_id: callers.moderator.id, role: "admin" }),
  ])

const newOrganization = Effect.fn(function* (callers: Callers) {
  const id = yield* create(callers.owner, "/v1/organizations", { name: "Analytical Engines" })
  yield* addMembers(callers, `/v1/organizations/${id}`)
  return id
})

const newChannel = Effect.fn(function* (callers: Callers) {
  const id = yield* create(callers.owner, "/v1/channels", { name: "general", is_private: true })
  yield* addMembers(callers, `/v1/channels/${id}`)
  return id
})

/** Sends a message of the owner with a file to a new channel; everyone in it reacts. */
const newMessage = Effect.fn(function* (callers: Callers) {
  const app = yield* App
  const raw = new FormData()
  raw.append("file", new File([Buffer.from(pixel, "base64")], "pixel.png", { type: "image/png" }))
  const file = (yield* app.request("POST", "/v1/files", { token: callers.owner.token, raw })).at("data.id")
  const channel = yield* newChannel(callers)
  const body = { content: "Hello", attachments: [file] }
  const message = yield* create(callers.owner, `/v1/channels/${channel}/messages`, body)
  for (const user of [callers.owner, callers.moderator, callers.member])
    yield* post(user, `/v1/messages/${message}/reactions`, { emoji: "👍" })
  return { message, file }
})

const newConversation = ({ owner, member, moderator }: Callers) =>
  create(owner, "/v1/dm/conversations", { participant_ids: [member.id, moderator.id] })

/** A file of the owner that members may read, because it is attached to a message of their channel. */
const newShare = Effect.fn(function* (callers: Callers) {
  const { file } = yield* newMessage(callers)
  const link = (yield* post(callers.owner, `/v1/files/${file}/share`, {})).at("data.url").split("/").at(-1)
  return { file, link: link ?? "" }
})

const newAccount = Effect.flatMap(App, (app) => app.newUser())

/** Creates what an operation acts on. Returns the values of the parameters of its path, in their order. */
const resources: ReadonlyArray<
  readonly [paths: RegExp, make: (callers: Callers) => Effect.Effect<ReadonlyArray<string>, unknown, App>]
> = [
  [
    /^\/v1\/organizations\/:\w+\/members\/:/,
    (callers) => Effect.map(newOrganization(callers), (id) => [id, callers.member.id]),
  ],
  [/^\/v1\/organizations\/:/, (callers) => Effect.map(newOrganization(callers), (id) => [id])],
  [
    /^\/v1\/channels\/:\w+\/members\/:/,
    (callers) => Effect.map(newChannel(callers), (id) => [id, callers.member.id]),
  ],
  [/^\/v1\/channels\/:/, (callers) => Effect.map(newChannel(callers), (id) => [id])],
  [
    /^\/v1\/messages\/:/,
    (callers) => Effect.map(newMessage(callers), ({ message }) => [message, encodeURIComponent("👍")]),
  ],
  [/^\/v1\/ws\/(?:channels|voice)\/:/, (callers) => Effect.map(newChannel(callers), (id) => [id])],
  [/^\/v1\/(?:dm\/conversations|ws\/dm)\/:/, (callers) => Effect.map(newConversation(callers), (id) => [id])],
  [
    /^\/v1\/calls\/:/,
    (callers) =>
      Effect.gen(function* () {
        const channel_id = yield* newChannel(callers)
        return [yield* create(callers.owner, "/v1/calls", { channel_id })]
      }),
  ],
  [/^\/v1\/files\/:/, (callers) => Effect.map(newShare(callers), ({ file }) => [file])],
  [/^\/v1\/shared-files\/:/, (callers) => Effect.map(newShare(callers), ({ link }) => [link])],
  [
    /^\/v1\/auth\/api-keys\/:/,
    ({ owner }) => Effect.map(create(owner, "/v1/auth/api-keys", { name: "Bot" }), (id) => [id]),
  ],
  [/^\/v1\/users\/:/, ({ owner }) => Effect.succeed([owner.id])],
  [/^\/v1\/admin\/users\/:/, ({ owner }) => Effect.succeed([owner.id])],
]

const newUserId = Effect.map(newAccount, ({ id }) => ({ user_id: id }))

/** Starts the login of an account with an authenticator app. */
const newChallenge = Effect.gen(function* () {
  const user = yield* newProtectedUser
  const [code] = user.backupCodes
  return { challenge_token: yield* startLogin(user), code }
})

/** Bodies whose documented example cannot succeed here. */
const bodies: Readonly<Record<string, (callers: Callers) => Effect.Effect<unknown, never, App>>> = {
  v1Register: () =>
    Effect.sync(() => ({ email: `${crypto.randomUUID()}@example.com`, password: "SecurePass123!" })),
  v1Login: ({ owner: { email, password } }) => Effect.succeed({ email, password }),
  v1CompleteLogin: () => newChallenge,
  v1SendLoginCode: () =>
    Effect.map(newChallenge, ({ challenge_token }) => ({ challenge_token, method: "email" })),
  v1Refresh: () => Effect.map(newAccount, ({ refreshToken }) => ({ refresh_token: refreshToken })),
  v1AddOrganizationMember: () => newUserId,
  v1AddChannelMember: () => newUserId,
  v1StartConversation: () => newUserId,
  v1StartCall: () => Effect.map(newAccount, ({ id }) => ({ participant_ids: [id] })),
}

/** Operations that end a session or an account: caller and owner are accounts of their own. */
const terminal = new Set(["v1Logout", "v1DeleteMe", "v1DeleteUser", "v1SetUserStatus", "v1UpdateMe"])

/** Returns the lines of a Markdown table; all columns but the first are aligned to the right. */
const tableLines = (header: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>) => {
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: ReadonlyArray<string>) => `| ${cells.join(" | ")} |`
  const pad = (row: ReadonlyArray<string>) =>
    line(row.map((cell, n) => (n === 0 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0))))
  const rule = widths.map((width, n) => (n === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`))
  return [pad(header), line(rule), ...rows.map(pad)]
}

layer(Server.layer())("Access to PlexiChat", (it) => {
  it.live(
    "is granted to each role as the table says",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const shared = yield* Effect.all({
          "other user": newAccount,
          member: newAccount,
          moderator: newAccount,
          owner: newAccount,
          administrator: app.newAdmin(),
        })
        const replace = (role: Role) =>
          Effect.gen(function* () {
            const owner = yield* newAccount
            if (role === "anonymous" || role === "owner") return { ...shared, owner }
            const caller = yield* role === "administrator" ? app.newAdmin() : newAccount
            return { ...shared, owner, [role]: caller }
          })
        const rows: Array<ReadonlyArray<string>> = []
        for (const { contract, operation } of yield* operations) {
          if (contract.name !== "PlexiChat") continue
          const [, make = () => Effect.succeed([])] =
            resources.find(([paths]) => paths.test(operation.path)) ?? []
          const statuses: Array<number> = []
          for (const role of roles) {
            const callers = terminal.has(operation.name) ? yield* replace(role) : shared
            const values = [...(yield* make(callers))]
            const path = operation.path.replace(/:\w+/g, () => values.shift() ?? "")
            const makeBody = bodies[operation.name]
            const input =
              makeBody === undefined ? sampleOf(operation).encoded : { body: yield* makeBody(callers) }
            const caller = role === "anonymous" ? {} : { token: callers[role].token }
            const response = yield* app.requestStream(operation.method, path, { ...caller, ...input })
            yield* Effect.promise(async () => response.body?.cancel())
            statuses.push(response.status)
          }
          const isPublic = publicOperations.has(operation.name)
          const isSocket = operation.path.startsWith("/v1/ws/")
          expect([operation.name, statuses[0] === 401]).toEqual([operation.name, isSocket || !isPublic])
          rows.push([`\`${operation.method} ${operation.path}\``, ...statuses.map(String)])
        }
        const table = [
          "# Access to PlexiChat by role",
          "",
          "The status of each operation for each role, written and checked by `access-matrix.test.ts`. The scope",
          "is a private channel, an organization or a direct conversation that `owner` created, with `member` and",
          "`moderator` (role admin) in it; messages and files are the owner's, files are attached to a message;",
          "an account is `owner` of itself. `administrator` administers the server and is in no scope. A socket",
          "answers 426 to a request that is no handshake.",
          "",
          ...tableLines(["Operation", ...roles], rows),
          "",
        ].join("\n")
        if (process.env.WRITE_ACCESS_MATRIX) yield* Effect.promise(() => tableFile.write(table))
        expect(table).toBe(yield* Effect.promise(() => tableFile.text()))
      }),
    { timeout: 300_000 },
  )
})
