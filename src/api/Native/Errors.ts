import * as Files from "../../domain/files/Files/Errors"
import * as Generation from "../../domain/generation/Generations/Errors"
import * as Sessions from "../../domain/identity/Sessions/Errors"
import { makeErrorMapper } from "../../http/ErrorBody"
import { errorShape } from "./Body"

const httpError = makeErrorMapper(errorShape)

/** Domain errors that callers of this contract can receive, each with its HTTP status and error code. */
export const Unauthenticated = httpError(Sessions.Unauthenticated, {
  status: 401,
  code: "UNAUTHORIZED",
  description: "Authentication required",
})
export const GenerationNotFound = httpError(Generation.GenerationNotFound, {
  status: 404,
  code: "GENERATION_NOT_FOUND",
  description: "The generation does not exist or belongs to another user",
})
export const LogExpired = httpError(Generation.LogExpired, {
  status: 410,
  code: "GENERATION_LOG_EXPIRED",
  description: "The generation's log has expired; its answer is still among the messages",
})
export const FileNotFound = httpError(Files.FileNotFound, {
  status: 404,
  code: "FILE_NOT_FOUND",
  description: "The file does not exist or belongs to another user",
})
