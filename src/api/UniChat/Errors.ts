import * as Assistants from "../../domain/assistants/Assistants/Errors"
import * as PromptTemplates from "../../domain/assistants/PromptTemplates/Errors"
import * as Arena from "../../domain/chat/Arena/Errors"
import * as Chat from "../../domain/chat/Chat/Errors"
import * as Images from "../../domain/chat/Images/Errors"
import * as Conversations from "../../domain/conversations/Conversations/Errors"
import * as BlobStore from "../../domain/files/BlobStore"
import * as Files from "../../domain/files/Files/Errors"
import * as Generation from "../../domain/generation/Generations/Errors"
import * as Sessions from "../../domain/identity/Sessions/Errors"
import * as Users from "../../domain/identity/Users/Errors"
import * as LanguageModel from "../../domain/models/LanguageModel"
import * as Models from "../../domain/models/Models/Errors"
import * as Usage from "../../domain/operations/Usage/Errors"
import * as Shared from "../../domain/shared/Actor"
import * as Policy from "../../domain/shared/Policy"
import { makeErrorMapper } from "../../http/ErrorBody"
import { errorShape } from "./Body"

const httpError = makeErrorMapper(errorShape)

/** Domain errors that callers of this contract can receive, each with its HTTP status and error code. */
export const Unauthenticated = httpError(Sessions.Unauthenticated, {
  status: 401,
  code: "UNAUTHORIZED",
  description: "Authentication required",
})
export const AdminRequired = httpError(Policy.AdminRequired, {
  status: 403,
  code: "ADMIN_REQUIRED",
  description: "Administrator role required",
})
export const PromptTemplateNotFound = httpError(PromptTemplates.PromptTemplateNotFound, {
  status: 404,
  code: "PROMPT_TEMPLATE_NOT_FOUND",
  description: "The prompt template does not exist or is not active",
})
export const UserNotFound = httpError(Shared.UserNotFound, {
  status: 404,
  code: "USER_NOT_FOUND",
  description: "The user does not exist",
})
export const BanNotAllowed = httpError(Users.BanNotAllowed, {
  status: 400,
  code: "CANNOT_BAN",
  description: "Administrators cannot ban themselves or other administrators",
})
export const ConversationNotFound = httpError(Conversations.ConversationNotFound, {
  status: 404,
  code: "CONVERSATION_NOT_FOUND",
  description: "The conversation does not exist or belongs to another user",
})
export const MessageNotFound = httpError(Conversations.MessageNotFound, {
  status: 404,
  code: "MESSAGE_NOT_FOUND",
  description: "The message does not exist or belongs to another user",
})
export const InvalidMessageRole = httpError(Chat.InvalidMessageRole, {
  status: 400,
  code: "INVALID_MESSAGE_ROLE",
  description: "The message is a prompt where an answer is required, or an answer where a prompt is required",
})
export const TokenLimitReached = httpError(Usage.TokenLimitReached, {
  status: 429,
  code: "TOKEN_LIMIT_REACHED",
  description: "The user's token limit does not cover the message",
})
export const GenerationFailed = httpError(Chat.GenerationFailed, {
  status: 502,
  code: "MODEL_UNREACHABLE",
  description:
    "The model did not answer. The code gives the reason; `Retry-After` is set if the provider sent a delay",
})
export const ShuttingDown = httpError(Generation.ShuttingDown, {
  status: 503,
  code: "SHUTTING_DOWN",
  description: "The server is shutting down",
})
export const AssistantNotFound = httpError(Assistants.AssistantNotFound, {
  status: 404,
  code: "CONFIG_NOT_FOUND",
  description: "The config does not exist or belongs to another user",
})
export const ArenaSessionNotFound = httpError(Arena.ArenaSessionNotFound, {
  status: 404,
  code: "ARENA_SESSION_NOT_FOUND",
  description: "The arena session does not exist or belongs to another user",
})
export const GenerationInProgress = httpError(Arena.GenerationInProgress, {
  status: 409,
  code: "ARENA_BUSY",
  description: "The answers to the previous message are still being generated",
})
export const InvalidAssistantCount = httpError(Arena.InvalidAssistantCount, {
  status: 400,
  code: "INVALID_CONFIG_COUNT",
  description: "Fewer than 2 configs, more than 4, or duplicates",
})
export const ModelNotFound = httpError(LanguageModel.ModelNotFound, {
  status: 404,
  code: "MODEL_NOT_FOUND",
  description: "The model does not exist",
})
export const ModelsUnavailable = httpError(Models.ModelsUnavailable, {
  status: 502,
  code: "MODELS_UNAVAILABLE",
  description: "No model provider returned its list of models",
})
export const FileNotFound = httpError(Files.FileNotFound, {
  status: 404,
  code: "FILE_NOT_FOUND",
  description: "The file does not exist or belongs to another user",
})
export const InvalidFile = httpError(Files.InvalidFile, {
  status: 400,
  code: "INVALID_FILE",
  description: "The file is too large, malformed or of an unsupported type",
})
export const StorageFailed = httpError(BlobStore.StorageFailed, {
  status: 507,
  code: "STORAGE_FAILED",
  description: "Not enough storage space",
})
export const ImageNotFound = httpError(Images.ImageNotFound, {
  status: 404,
  code: "IMAGE_NOT_FOUND",
  description: "The image does not exist or belongs to another user",
})
export const ImageModelNotFound = httpError(Images.ImageModelNotFound, {
  status: 400,
  code: "MODEL_NOT_FOUND",
  description: "The model does not exist or does not generate images",
})
export const InvalidInputImage = httpError(Images.InvalidInputImage, {
  status: 400,
  code: "INVALID_INPUT_IMAGE",
  description: "An input image is malformed, too large, or at a URL that is not allowed",
})
export const ImageGenerationFailed = httpError(Images.ImageGenerationFailed, {
  status: 500,
  code: "MODEL_UNREACHABLE",
  description:
    "The model generated no image. The code gives the reason; `Retry-After` is set if the provider sent a delay",
})
