import * as PromptTemplates from "../../domain/conversation/PromptTemplates/Errors"
import * as Sessions from "../../domain/identity/Sessions/Errors"
import * as Policy from "../../domain/kernel/Policy"
import { refusals } from "../frame/ErrorBody"
import { errorShape } from "./Body"

const refusal = refusals(errorShape)

/** Each domain error that can reach a caller of this contract, and what it is on the wire. */
export const NotSignedIn = refusal(Sessions.NotSignedIn, {
  status: 401,
  code: "UNAUTHORIZED",
  description: "Nobody is signed in",
})
export const AdminsOnly = refusal(Policy.AdminsOnly, {
  status: 403,
  code: "ADMINS_ONLY",
  description: "Whoever asks is no administrator",
})
export const PromptTemplateNotFound = refusal(PromptTemplates.PromptTemplateNotFound, {
  status: 404,
  code: "PROMPT_TEMPLATE_NOT_FOUND",
  description: "There is no such prompt template, or it is not active",
})
