import { makeErrors } from "../../http/ErrorTable"
import { errorBody } from "./Body"

/** Domain errors as the ChatGuide contract sends them: a conversation is called chat there. */
export const errors = makeErrors(errorBody, {
  ConversationNotFound: {
    code: "CHAT_NOT_FOUND",
    description: "The chat does not exist or belongs to another user",
  },
})
