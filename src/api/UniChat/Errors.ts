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
import { refusals } from "../../http/ErrorBody"
import { errorShape } from "./Body"

const refusal = refusals(errorShape)

/** Each domain error that can reach a caller of this contract, and what it is on the wire. */
export const NotSignedIn = refusal(Sessions.NotSignedIn, {
  status: 401,
  code: "UNAUTHORIZED",
  description: "Nobody is signed in",
})
export const AdminsOnly = refusal(Policy.AdminRequired, {
  status: 403,
  code: "ADMINS_ONLY",
  description: "Whoever asks is no administrator",
})
export const PromptTemplateNotFound = refusal(PromptTemplates.PromptTemplateNotFound, {
  status: 404,
  code: "PROMPT_TEMPLATE_NOT_FOUND",
  description: "There is no such prompt template, or it is not active",
})
export const UserNotFound = refusal(Shared.UserNotFound, {
  status: 404,
  code: "USER_NOT_FOUND",
  description: "There is no such user, or no more",
})
export const CannotBan = refusal(Users.CannotBan, {
  status: 400,
  code: "CANNOT_BAN",
  description: "Administrators ban neither themselves nor one another",
})
export const ConversationNotFound = refusal(Conversations.ConversationNotFound, {
  status: 404,
  code: "CONVERSATION_NOT_FOUND",
  description: "There is no such conversation, or it is somebody else's",
})
export const MessageNotFound = refusal(Conversations.MessageNotFound, {
  status: 404,
  code: "MESSAGE_NOT_FOUND",
  description: "There is no such message, or it is somebody else's",
})
export const WrongMessage = refusal(Chat.WrongMessage, {
  status: 400,
  code: "WRONG_MESSAGE",
  description: "It is somebody's prompt where an answer is wanted, or the other way round",
})
export const TokenLimitReached = refusal(Usage.TokenLimitReached, {
  status: 429,
  code: "TOKEN_LIMIT_REACHED",
  description: "The user's token limit does not cover the message",
})
export const AnswerFailed = refusal(Chat.AnswerFailed, {
  status: 502,
  code: "MODEL_UNREACHABLE",
  description:
    "The model did not answer; the code says why, and `Retry-After` when to ask again if the provider told",
})
export const ShuttingDown = refusal(Generation.ShuttingDown, {
  status: 503,
  code: "SHUTTING_DOWN",
  description: "The server is shutting down",
})
export const AssistantNotFound = refusal(Assistants.AssistantNotFound, {
  status: 404,
  code: "CONFIG_NOT_FOUND",
  description: "There is no such config, or it is somebody else's",
})
export const ArenaSessionNotFound = refusal(Arena.ArenaSessionNotFound, {
  status: 404,
  code: "ARENA_SESSION_NOT_FOUND",
  description: "There is no such arena session, or it is somebody else's",
})
export const ArenaBusy = refusal(Arena.ArenaBusy, {
  status: 409,
  code: "ARENA_BUSY",
  description: "The last message is still being answered",
})
export const WrongLanes = refusal(Arena.WrongLanes, {
  status: 400,
  code: "WRONG_CONFIGS",
  description: "Less than 2 configs or more than 4, or one of them twice",
})
export const ModelNotFound = refusal(LanguageModel.ModelNotFound, {
  status: 404,
  code: "MODEL_NOT_FOUND",
  description: "There is no such model",
})
export const CatalogueUnavailable = refusal(Models.CatalogueUnavailable, {
  status: 502,
  code: "MODELS_UNAVAILABLE",
  description: "No model provider told which models it has",
})
export const FileNotFound = refusal(Files.FileNotFound, {
  status: 404,
  code: "FILE_NOT_FOUND",
  description: "There is no such file, or it is somebody else's",
})
export const FileRefused = refusal(Files.FileRefused, {
  status: 400,
  code: "FILE_REFUSED",
  description: "The file is too large, of a kind that is not taken, or none at all",
})
export const StorageFailed = refusal(BlobStore.StorageFailed, {
  status: 507,
  code: "STORAGE_FAILED",
  description: "There is no room to store it",
})
export const ImageNotFound = refusal(Images.ImageNotFound, {
  status: 404,
  code: "IMAGE_NOT_FOUND",
  description: "There is no such image, or it is somebody else's",
})
export const ImageModelNotFound = refusal(Images.ImageModelNotFound, {
  status: 400,
  code: "MODEL_NOT_FOUND",
  description: "There is no such model, or it does not draw",
})
export const InputImageRefused = refusal(Images.InputImageRefused, {
  status: 400,
  code: "INPUT_IMAGE_REFUSED",
  description: "An input image is none, too large, or at an address that is not fetched",
})
export const DrawingFailed = refusal(Images.DrawingFailed, {
  status: 500,
  code: "MODEL_UNREACHABLE",
  description:
    "The model drew nothing; the code says why, and `Retry-After` when to ask again if the provider told",
})
