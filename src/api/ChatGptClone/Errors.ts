import { commonErrorBody } from "../../http/ErrorBody"
import { makeErrors } from "../../http/ErrorTable"

/** Domain errors as the ChatGPT clone contract sends them: a conversation is called chat there, an assistant agent. */
export const errors = makeErrors(commonErrorBody, {
  AssistantNotFound: { code: "AGENT_NOT_FOUND", description: "The agent does not exist" },
  ConversationNotFound: {
    code: "CHAT_NOT_FOUND",
    description: "The chat does not exist or belongs to another user",
  },
  ConversationEmpty: { code: "CHAT_EMPTY", description: "The chat has no messages yet" },
  GenerationFailed: { status: 503, description: "The model failed" },
})
