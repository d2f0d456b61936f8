import { Effect } from "effect"
import { pixel } from "../../support/Provider/Wire"
import type { Recorder } from "../Recorder"
import { withUnwritableStorage } from "../unwritableStorage"
import { nowhere, type Told } from "./People"

/** A conversation from its making to its end, beside what is said in it. */
export const tellConversations = Effect.fn(function* (
  { recordRequest: ask, recordWithAuth: secured }: Recorder,
  { user: token }: Told,
  config: string,
) {
  const of = (name: string) => `UniChat.${name}`
  const missing = "CONVERSATION_NOT_FOUND"
  const none = "Another's, or none"

  const create = of("createConversation")
  yield* ask(create, "VALIDATION_ERROR", "A title that is none", { token, body: { title: "" } })
  yield* ask(create, "CONFIG_NOT_FOUND", "A config that is not there", {
    token,
    body: { config_id: nowhere.id },
  })
  const body = {
    config_id: config,
    title: "How to implement JWT auth",
    folder_id: "507f191e810c19729de860ec",
  }
  const made = yield* secured(create, "created", "With a config, in a folder", { token, body })
  const id = made.at("conversation.id")
  const path = { id }

  const send = of("sendMessage")
  const message = "How do I implement JWT authentication?"
  const first = { conversation_id: id, config_id: config, message }
  yield* ask(send, "VALIDATION_ERROR", "Without a message", { token, body: { config_id: config } })
  yield* ask(send, "CONFIG_NOT_FOUND", none, { token, body: { ...first, config_id: nowhere.id } })
  yield* ask(send, missing, none, { token, body: { ...first, conversation_id: nowhere.id } })
  const attachments = [`data:image/png;base64,${pixel}`]
  yield* withUnwritableStorage(
    ask(send, "STORAGE_FAILED", "The disk does not take it", { token, body: { ...first, attachments } }),
  )
  const sent = yield* secured(send, "answered", "In a conversation", { token, body: first })
  const prompt = { id: sent.at("user_message.id") }
  const answer = { id: sent.at("assistant_message.id") }

  const update = of("updateConversation")
  const change = { tags: ["development", "security"], is_pinned: true }
  yield* ask(update, "VALIDATION_ERROR", "Tags that are none", { token, path, body: { tags: [""] } })
  yield* ask(update, missing, none, { token, path: nowhere, body: change })
  yield* secured(update, "updated", "Tagged and pinned", { token, path, body: change })

  yield* secured(of("listConversations"), "listed", "The first page", { token })
  yield* ask(of("listConversations"), "VALIDATION_ERROR", "A page that is none", {
    token,
    query: { page: "0" },
  })
  yield* secured(of("searchConversations"), "found", "In titles", { token, query: { q: "jwt auth" } })
  yield* ask(of("searchConversations"), "VALIDATION_ERROR", "For nothing", { token })
  yield* secured(of("searchMessages"), "found", "In messages", { token, query: { q: "authentication" } })
  yield* ask(of("searchMessages"), "VALIDATION_ERROR", "For nothing", { token })
  yield* secured(of("getConversation"), "got", "With its messages", { token, path })
  yield* ask(of("getConversation"), missing, none, { token, path: nowhere })
  yield* secured(of("exportConversation"), "markdown", "To be read", { token, path })
  yield* ask(of("exportConversation"), "json", "For programs", { token, path, query: { format: "json" } })
  yield* ask(of("exportConversation"), "VALIDATION_ERROR", "A format that is none", {
    token,
    path,
    query: { format: "pdf" },
  })
  yield* ask(of("exportConversation"), missing, none, { token, path: nowhere })

  yield* secured(of("chatMessages"), "listed", "The first page", { token, path: { conversation_id: id } })
  yield* ask(of("chatMessages"), "VALIDATION_ERROR", "A page that is none", {
    token,
    path: { conversation_id: id },
    query: { page: "0" },
  })
  yield* ask(of("chatMessages"), missing, none, { token, path: { conversation_id: nowhere.id } })

  const regenerate = of("regenerateMessage")
  yield* ask(regenerate, "MESSAGE_NOT_FOUND", none, { token, path: nowhere })
  yield* ask(regenerate, "INVALID_MESSAGE_ROLE", "A prompt", { token, path: prompt })
  const again = yield* secured(regenerate, "regenerated", "A new answer", { token, path: answer })
  const edit = of("editMessage")
  const words = { content: "How do I implement JWT authentication in Go?", regenerate: true }
  yield* ask(edit, "VALIDATION_ERROR", "Nothing said", { token, path: prompt, body: { content: " " } })
  yield* ask(edit, "MESSAGE_NOT_FOUND", none, { token, path: nowhere, body: words })
  yield* ask(edit, "INVALID_MESSAGE_ROLE", "An answer", {
    token,
    path: { id: again.at("message.id") },
    body: words,
  })
  const edited = yield* secured(edit, "regenerated", "And answered anew", {
    token,
    path: prompt,
    body: words,
  })
  yield* ask(edit, "edited", "In other words", { token, path: prompt, body: { content: "And in Rust?" } })
  const remove = of("deleteMessage")
  yield* secured(remove, "deleted", "Alone", { token, path: { id: edited.at("assistant_message.id") } })
  yield* ask(remove, "MESSAGE_NOT_FOUND", none, { token, path: nowhere })

  yield* secured(of("archiveConversation"), "archived", "Put away", { token, path })
  yield* ask(of("archiveConversation"), "unarchived", "Taken out again", { token, path })
  yield* ask(of("archiveConversation"), missing, none, { token, path: nowhere })
  yield* secured(of("deleteConversation"), "deleted", "For good", { token, path })
  yield* ask(of("deleteConversation"), missing, "It is gone", { token, path })
})
