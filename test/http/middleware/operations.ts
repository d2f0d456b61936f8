import { expect } from "bun:test"
import { BunHttpServer } from "@effect/platform-bun"
import { Effect, Layer } from "effect"
import type { Contract, Operation } from "../../../src/http/Contract"
import * as StreamResponse from "../../../src/http/StreamResponse"
import { contracts } from "../../../src/Server"
import type { RequestOptions, TestResponse, TestUser } from "../../support/App"
import { account } from "./samples/Account"
import { admin } from "./samples/Admin"
import { arena } from "./samples/Arena"
import { chatGptClone } from "./samples/ChatGptClone"
import { chatGuide } from "./samples/ChatGuide"
import { chats } from "./samples/Chats"
import { configs } from "./samples/Configs"
import { conversations } from "./samples/Conversations"
import { images } from "./samples/Images"
import { models } from "./samples/Models"
import { native } from "./samples/Native"
import { organizations } from "./samples/Organizations"
import { plexiChatAccounts } from "./samples/PlexiChatAccounts"
import { plexiChatAdmin } from "./samples/PlexiChatAdmin"
import { plexiChatAuth } from "./samples/PlexiChatAuth"
import { plexiChatChannels } from "./samples/PlexiChatChannels"
import { plexiChatFiles } from "./samples/PlexiChatFiles"
import { plexiChatMessages } from "./samples/PlexiChatMessages"
import { plexiChatOrganizations } from "./samples/PlexiChatOrganizations"
import { plexiChatSockets } from "./samples/PlexiChatSockets"
import { plexiChatVoice } from "./samples/PlexiChatVoice"
import { promptTemplates } from "./samples/PromptTemplates"
import { providerConfigs } from "./samples/ProviderConfigs"
import { realMultiLlm } from "./samples/RealMultiLlm"
import type { Sample } from "./samples/Sample"
import { sharedConversations } from "./samples/SharedConversations"
import { teams } from "./samples/Teams"
import { users } from "./samples/Users"
import { workspace } from "./samples/Workspace"

/** Every operation of every contract that the server serves. */
export const operations = Effect.map(contracts, (all) =>
  all.flatMap((contract) => contract.operations.map((operation) => ({ contract, operation }))),
).pipe(Effect.provide(Layer.merge(StreamResponse.layer(), BunHttpServer.layerContext)))

/** The operations without authentication, and those that authenticate in ways of their own. */
export const publicOperations: ReadonlySet<string> = new Set([
  "signUp",
  "signIn",
  "register",
  "login",
  "refresh",
  "v1Register",
  "v1Login",
  "v1CompleteLogin",
  "v1SendLoginCode",
  "v1Refresh",
  "v1ForgotPassword",
  "v1ResetPassword",
  "v1VerifyEmail",
  "health",
  "csrfToken",
  "authProviders",
  "credentialsCallback",
  "getAuthSession",
  "updateAuthSession",
  "signOut",
  "signInPage",
  "credentialsSignInPage",
  "signOutPage",
  "authErrorPage",
  "setupPage",
  "createFirstAdmin",
  "readShare",
  "readSharePage",
  "v1Connect",
  "v1ConnectToChannel",
  "v1ConnectToConversation",
  "v1ConnectToVoice",
  "v1DownloadSharedFile",
])

const samples: Readonly<Record<string, Sample>> = {
  ...account,
  ...chatGptClone,
  ...organizations,
  ...plexiChatFiles,
  ...plexiChatAuth,
  ...plexiChatAccounts,
  ...plexiChatOrganizations,
  ...plexiChatSockets,
  ...plexiChatChannels,
  ...plexiChatAdmin,
  ...plexiChatMessages,
  ...plexiChatVoice,
  ...chats,
  ...chatGuide,
  ...native,
  ...conversations,
  ...configs,
  ...images,
  ...models,
  ...arena,
  ...promptTemplates,
  ...realMultiLlm,
  ...providerConfigs,
  ...sharedConversations,
  ...teams,
  ...users,
  ...workspace,
  ...admin,
}

/** Encodes a body in the format that an operation accepts. */
const encodeBody = (
  { bodyFormat }: Operation,
  body: Sample["body"],
): Pick<RequestOptions, "body" | "raw"> => {
  if (body === undefined || bodyFormat === "json") return { body }
  const fields = Object.entries(body)
  if (bodyFormat === "form")
    return {
      raw: new URLSearchParams(fields.map(([name, value]): [string, string] => [name, String(value)])),
    }
  const form = new FormData()
  for (const [name, value] of fields) form.append(name, value instanceof Blob ? value : String(value))
  return { raw: form }
}

/**
 * Returns a valid sample of an operation: its body is the documented example, where the sample gives no other.
 * Throws if an operation with a body or a path parameter has none.
 */
export const sampleOf = (operation: Operation) => {
  const { name, path, bodyFormat, exampleBody } = operation
  const {
    body = exampleBody as Sample["body"],
    nullable = [],
    long = [],
    ids,
    allowedFor = "owner",
    ownerReceives,
  } = samples[name] ?? {}
  if (bodyFormat !== undefined && body === undefined) throw new Error(`${name} needs a sample of its body`)
  if (path.includes(":") && ids === undefined) throw new Error(`${name} needs a factory for its ids`)
  return {
    body,
    encoded: encodeBody(operation, body),
    nullable,
    long,
    allowedFor,
    ownerReceives,
    hasOwner: ids !== undefined,
  }
}

/** Returns a path of an operation with its query, for a new resource of this user. */
export const pathOf = ({ name, path }: Operation, owner: TestUser) =>
  Effect.gen(function* () {
    const { ids, query = "" } = samples[name] ?? {}
    const values = [yield* ids?.(owner) ?? Effect.succeed("")].flat()
    return (path + query).replace(/:\w+/g, () => values.shift() ?? "")
  })

/** Returns the code, the message and the invalid fields of an error, whatever the contract's format. */
export const errorOf = ({ name }: Pick<Contract, "name">, response: TestResponse) => {
  if (name !== "PlexiChat") {
    const { fields } = response.json as { readonly fields?: ReadonlyArray<{ readonly field: string }> }
    return {
      code: response.at("code"),
      message: response.at("error"),
      fields: fields?.map(({ field }) => field),
    }
  }
  const { error } = response.json as {
    readonly error: { readonly details?: { readonly fields: ReadonlyArray<{ readonly field: string }> } }
  }
  return {
    code: response.at("error.code"),
    message: response.at("error.message"),
    fields: error.details?.fields.map(({ field }) => field),
  }
}

/** Expects a client error with the contract's error body. */
export const expectErrorBody = ({ name }: Pick<Contract, "name">, response: TestResponse) => {
  expect(response.status).toBeGreaterThanOrEqual(400)
  expect(response.status).toBeLessThan(500)
  expect(response.headers.get("content-type")).toBe("application/json")
  const requestId = response.headers.get("x-request-id")
  expect(requestId).toMatch(/^[\w.-]{8,128}$/)
  if (name === "PlexiChat") {
    expect(response.json).toMatchObject({
      success: false,
      error: { code: expect.stringMatching(/^[A-Z_]+$/), message: expect.stringMatching(/^\S.*\S$/s) },
      meta: { request_id: requestId, timestamp: expect.any(String) },
    })
    return
  }
  const common = {
    error: expect.stringMatching(/^\S.*\S$/s),
    code: expect.stringMatching(/^[A-Z_]+$/),
    requestId,
  }
  expect(response.json).toMatchObject(
    name === "ChatGuide"
      ? {
          ...common,
          message: response.at("error"),
          statusCode: response.status,
          timestamp: expect.any(String),
        }
      : common,
  )
}
