import * as Files from "../../domain/files/Files/Errors"
import * as Generation from "../../domain/generation/Generations/Errors"
import * as Sessions from "../../domain/identity/Sessions/Errors"
import { refusals } from "../../http/ErrorBody"
import { errorShape } from "./Body"

const refusal = refusals(errorShape)

/** Each domain error that can reach a caller of this contract, and what it is on the wire. */
export const NotSignedIn = refusal(Sessions.NotSignedIn, {
  status: 401,
  code: "UNAUTHORIZED",
  description: "Nobody is signed in",
})
export const GenerationNotFound = refusal(Generation.GenerationNotFound, {
  status: 404,
  code: "GENERATION_NOT_FOUND",
  description: "There is no such generation, or it is somebody else's",
})
export const LogExpired = refusal(Generation.LogExpired, {
  status: 410,
  code: "GENERATION_LOG_EXPIRED",
  description: "The generation ended too long ago for its log to be kept; the answer is among the messages",
})
export const FileNotFound = refusal(Files.FileNotFound, {
  status: 404,
  code: "FILE_NOT_FOUND",
  description: "There is no such file, or it is somebody else's",
})
