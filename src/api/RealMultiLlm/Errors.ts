import { commonErrorBody } from "../../http/ErrorBody"
import { makeErrors } from "../../http/ErrorTable"

/** Domain errors as the RealMultiLLM contract sends them: an assistant without a model is called a persona there. */
export const errors = makeErrors(commonErrorBody, {
  AssistantNotFound: {
    code: "PERSONA_NOT_FOUND",
    description: "The persona does not exist or belongs to another user",
  },
  AlreadyMember: { status: 400 },
  ModelsUnavailable: { status: 503, description: "The provider has not returned its list of models" },
})
