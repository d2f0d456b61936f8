import { Record, Schema } from "effect"
import { AssistantNotFound } from "../domain/assistants/Assistants/Errors"
import { PromptTemplateNotFound } from "../domain/assistants/PromptTemplates/Errors"
import {
  ArenaSessionNotFound,
  GenerationInProgress,
  InvalidAssistantCount,
} from "../domain/chat/Arena/Errors"
import { GenerationFailed, InvalidMessageRole } from "../domain/chat/Chat/Errors"
import {
  ImageGenerationFailed,
  ImageModelNotFound,
  ImageNotFound,
  InvalidInputImage,
} from "../domain/chat/Images/Errors"
import {
  CompletionRateLimited,
  CompletionRejected,
  CompletionUnavailable,
} from "../domain/chat/ProviderCompletions/Errors"
import { Unhealthy } from "../domain/chat/SystemHealth/Errors"
import {
  ConversationEmpty,
  ConversationNotFound,
  MessageNotFound,
} from "../domain/conversations/Conversations/Errors"
import { InvalidShareExpiry, ShareExpired, ShareNotFound } from "../domain/conversations/Shares/Errors"
import { StorageFailed } from "../domain/files/BlobStore"
import {
  FileShareExpired,
  FileShareNotFound,
  InvalidFileShareExpiry,
} from "../domain/files/FileShares/Errors"
import { FileNotFound, FileTooLarge, InvalidFile } from "../domain/files/Files/Errors"
import { ThumbnailUnavailable } from "../domain/files/Thumbnails/Errors"
import { GenerationNotFound, LogExpired, ShuttingDown } from "../domain/generation/Generations/Errors"
import { ApiKeyNotFound } from "../domain/identity/ApiKeys/Errors"
import { AlreadyInvited, InviteNotFound, InviteNotPending } from "../domain/identity/Invites/Errors"
import { InvalidMailedToken } from "../domain/identity/MailedTokens/Errors"
import {
  AlreadyMember,
  LastOwner,
  MemberNotFound,
  NotPermitted,
  ScopeNotFound,
} from "../domain/identity/Memberships/Errors"
import { InvalidChallenge, TwoFactorRequired } from "../domain/identity/Mfa/Errors"
import {
  EnrollmentNotFound,
  InvalidTwoFactorCode,
  MethodAlreadyEnabled,
  MethodNotEnabled,
  MethodUnavailable,
  TooManyCodes,
} from "../domain/identity/MfaMethods/Errors"
import { MfaProofMethod } from "../domain/identity/MfaMethods/Model"
import { InvalidRefreshToken } from "../domain/identity/Sessions/Errors"
import { TooManySignIns } from "../domain/identity/SignInLimits/Errors"
import {
  AccountBanned,
  AccountSuspended,
  DeletionNotAllowed,
  EmailTaken,
  InvalidCredentials,
  RegistrationClosed,
  StatusChangeNotAllowed,
  UsernameTaken,
  WrongPassword,
} from "../domain/identity/Users/Errors"
import { NotInOrganization } from "../domain/messaging/Channels/Errors"
import { ResumeExpired } from "../domain/messaging/MessagingFeed/Errors"
import { ClientIdTaken, PostNotFound, ReactionNotFound } from "../domain/messaging/Posts/Errors"
import { CallEnded, CallNotFound, RoomFull } from "../domain/messaging/VoiceRooms/Errors"
import { NotParticipating, SignalTooLarge } from "../domain/messaging/VoiceSignaling/Errors"
import { ModelNotFound } from "../domain/models/LanguageModel"
import { ModelsUnavailable } from "../domain/models/Models/Errors"
import {
  ApiKeyUnreadable,
  ProviderConfigExists,
  ProviderConfigNotFound,
  ProviderDisabled,
} from "../domain/models/ProviderConfigs/Errors"
import { DefaultModelUnknown, SettingLocked } from "../domain/operations/Settings/Errors"
import { TokenLimitReached } from "../domain/operations/Usage/Errors"
import { UserNotFound } from "../domain/shared/Actor"
import { AdminRequired } from "../domain/shared/Policy"
import { SmsFailed } from "../domain/shared/SmsSender"
import { CollectionNotFound } from "../domain/workspace/Collections/Errors"
import { DocumentNotFound } from "../domain/workspace/Documents/Errors"
import { GoalNotFound } from "../domain/workspace/Goals/Errors"
import { type ErrorBody, type ErrorEntry, makeErrorSchema } from "./ErrorBody"

const entry = <E extends Error>(
  sample: E,
  status: number,
  code: string,
  description: string,
): ErrorEntry<E> => ({ sample, status, code, description })

/** Every domain error that can reach a client, in the order of its status. */
const errorTable = {
  StatusChangeNotAllowed: entry(
    new StatusChangeNotAllowed({ reason: "You cannot ban yourself." }),
    400,
    "CANNOT_BAN",
    "Administrators cannot ban themselves or other administrators",
  ),
  CompletionRejected: entry(
    new CompletionRejected({ code: "MODEL_NOT_FOUND", message: "No model named gpt-0 is available here." }),
    400,
    "MODEL_REQUEST_REJECTED",
    "The provider rejects the request; the code gives the reason",
  ),
  ConversationEmpty: entry(
    new ConversationEmpty(),
    400,
    "CONVERSATION_EMPTY",
    "The conversation has no messages yet",
  ),
  ImageModelNotFound: entry(
    new ImageModelNotFound({ model: "openai/gpt-4o" }),
    400,
    "MODEL_NOT_FOUND",
    "The model does not exist or does not generate images",
  ),
  InvalidAssistantCount: entry(
    new InvalidAssistantCount({ message: "Choose 2 to 4 configs." }),
    400,
    "INVALID_CONFIG_COUNT",
    "Fewer than 2 configs, more than 4, or duplicates",
  ),
  InvalidFile: entry(
    new InvalidFile({ message: "The file is larger than the 20971520 bytes allowed." }),
    400,
    "INVALID_FILE",
    "The file is too large, malformed or of an unsupported type",
  ),
  InvalidFileShareExpiry: entry(
    new InvalidFileShareExpiry(),
    400,
    "INVALID_EXPIRY",
    "`expires_at` is not in the future",
  ),
  InvalidInputImage: entry(
    new InvalidInputImage({ message: "Input is not a supported image." }),
    400,
    "INVALID_INPUT_IMAGE",
    "An input image is malformed, too large, or at a URL that is not allowed",
  ),
  InvalidMailedToken: entry(
    new InvalidMailedToken(),
    400,
    "INVALID_TOKEN",
    "The token of the mail is invalid, used or expired",
  ),
  InvalidMessageRole: entry(
    new InvalidMessageRole({ message: "Only prompts can be edited." }),
    400,
    "INVALID_MESSAGE_ROLE",
    "The message is a prompt where an answer is required, or an answer where a prompt is required",
  ),
  InvalidShareExpiry: entry(
    new InvalidShareExpiry(),
    400,
    "INVALID_EXPIRY",
    "`expiresAt` is not in the future",
  ),
  InvalidCredentials: entry(
    new InvalidCredentials(),
    401,
    "INVALID_CREDENTIALS",
    "The email address or the password is wrong",
  ),
  InvalidChallenge: entry(
    new InvalidChallenge(),
    401,
    "INVALID_CHALLENGE",
    "The sign-in was completed, has expired or was tried too often",
  ),
  InvalidTwoFactorCode: entry(
    new InvalidTwoFactorCode(),
    401,
    "INVALID_TWO_FACTOR_CODE",
    "The code or the response is wrong, expired or used",
  ),
  InvalidRefreshToken: entry(
    new InvalidRefreshToken(),
    401,
    "INVALID_REFRESH_TOKEN",
    "The refresh token is invalid, expired, revoked or already used",
  ),
  WrongPassword: entry(new WrongPassword(), 401, "WRONG_PASSWORD", "The current password is wrong"),
  AccountBanned: entry(new AccountBanned({ reason: "Spam" }), 403, "ACCOUNT_BANNED", "The account is banned"),
  AccountSuspended: entry(
    new AccountSuspended({ reason: "Spam", until: new Date("2026-01-22T09:30:00.000Z") }),
    403,
    "ACCOUNT_SUSPENDED",
    "The account is suspended",
  ),
  AdminRequired: entry(new AdminRequired(), 403, "ADMIN_REQUIRED", "Administrator role required"),
  NotPermitted: entry(new NotPermitted(), 403, "FORBIDDEN", "The user's role does not permit this"),
  RegistrationClosed: entry(
    new RegistrationClosed(),
    403,
    "REGISTRATION_CLOSED",
    "Registration is closed, and the email address has no pending invite",
  ),
  TwoFactorRequired: {
    ...entry(
      new TwoFactorRequired({
        challengeToken: "qZ0c8Xh3yQm5Wf7sJ1uTn9vBk2rLd4pGe6aYoIxSwDE",
        methods: ["totp", "backup_code"],
      }),
      403,
      "TWO_FACTOR_REQUIRED",
      "The account has a second factor: `POST /v1/auth/login/2fa` completes the sign-in",
    ),
    extra: {
      fields: {
        challenge_token: Schema.String.annotations({
          description: "Proves the password at `POST /v1/auth/login/2fa`, for five minutes",
        }),
        methods: Schema.Array(MfaProofMethod).annotations({
          description: "The methods that complete the sign-in",
        }),
      },
      of: ({ challengeToken, methods }: TwoFactorRequired) => ({ challenge_token: challengeToken, methods }),
    },
  },
  ProviderDisabled: entry(
    new ProviderDisabled(),
    403,
    "PROVIDER_DISABLED",
    "The user's configuration disables the provider",
  ),
  EnrollmentNotFound: entry(
    new EnrollmentNotFound(),
    404,
    "TWO_FACTOR_ENROLLMENT_NOT_FOUND",
    "The enrollment was not started, has expired or was tried too often",
  ),
  MethodNotEnabled: entry(
    new MethodNotEnabled(),
    404,
    "TWO_FACTOR_NOT_ENABLED",
    "The account does not have this method",
  ),
  ApiKeyNotFound: entry(
    new ApiKeyNotFound(),
    404,
    "API_KEY_NOT_FOUND",
    "The API key does not exist or belongs to another user",
  ),
  ArenaSessionNotFound: entry(
    new ArenaSessionNotFound(),
    404,
    "ARENA_SESSION_NOT_FOUND",
    "The arena session does not exist or belongs to another user",
  ),
  AssistantNotFound: entry(
    new AssistantNotFound(),
    404,
    "ASSISTANT_NOT_FOUND",
    "The assistant does not exist or belongs to another user",
  ),
  CallNotFound: entry(
    new CallNotFound(),
    404,
    "CALL_NOT_FOUND",
    "The call does not exist, or the user is not a member of its channel or conversation",
  ),
  ChannelNotFound: entry(
    new ScopeNotFound({ kind: "channel" }),
    404,
    "CHANNEL_NOT_FOUND",
    "The channel does not exist or the user does not see it",
  ),
  PostNotFound: entry(
    new PostNotFound(),
    404,
    "MESSAGE_NOT_FOUND",
    "The message does not exist, was deleted or is in a channel that the user does not see",
  ),
  ReactionNotFound: entry(
    new ReactionNotFound(),
    404,
    "REACTION_NOT_FOUND",
    "The user has not reacted to the message with this emoji",
  ),
  ConversationNotFound: entry(
    new ConversationNotFound(),
    404,
    "CONVERSATION_NOT_FOUND",
    "The conversation does not exist or belongs to another user",
  ),
  FileNotFound: entry(
    new FileNotFound(),
    404,
    "FILE_NOT_FOUND",
    "The file does not exist or belongs to another user",
  ),
  FileShareNotFound: entry(
    new FileShareNotFound(),
    404,
    "FILE_SHARE_NOT_FOUND",
    "The link does not exist, or its file was deleted",
  ),
  GenerationNotFound: entry(
    new GenerationNotFound(),
    404,
    "GENERATION_NOT_FOUND",
    "The generation does not exist or belongs to another user",
  ),
  CollectionNotFound: entry(
    new CollectionNotFound(),
    404,
    "COLLECTION_NOT_FOUND",
    "The collection does not exist or belongs to another user",
  ),
  DocumentNotFound: entry(
    new DocumentNotFound(),
    404,
    "DOCUMENT_NOT_FOUND",
    "The document does not exist, belongs to another user or is not in the collection",
  ),
  GoalNotFound: entry(
    new GoalNotFound(),
    404,
    "GOAL_NOT_FOUND",
    "The goal does not exist or belongs to another user",
  ),
  ImageNotFound: entry(
    new ImageNotFound(),
    404,
    "IMAGE_NOT_FOUND",
    "The image does not exist or belongs to another user",
  ),
  InviteNotFound: entry(
    new InviteNotFound(),
    404,
    "INVITE_NOT_FOUND",
    "The invite does not exist or is for another or an unverified email address",
  ),
  MemberNotFound: entry(new MemberNotFound(), 404, "MEMBER_NOT_FOUND", "The user is not a member"),
  MessageNotFound: entry(
    new MessageNotFound(),
    404,
    "MESSAGE_NOT_FOUND",
    "The message does not exist or belongs to another user",
  ),
  ModelNotFound: entry(
    new ModelNotFound({ model: "openai/gpt-0" }),
    404,
    "MODEL_NOT_FOUND",
    "The model does not exist",
  ),
  OrganizationNotFound: entry(
    new ScopeNotFound({ kind: "organization" }),
    404,
    "ORGANIZATION_NOT_FOUND",
    "The organization does not exist or the user is not a member of it",
  ),
  ProjectNotFound: entry(
    new ScopeNotFound({ kind: "project" }),
    404,
    "PROJECT_NOT_FOUND",
    "The project does not exist or the user is not a member of it",
  ),
  PromptTemplateNotFound: entry(
    new PromptTemplateNotFound(),
    404,
    "PROMPT_TEMPLATE_NOT_FOUND",
    "The prompt template does not exist or is not active",
  ),
  TeamNotFound: entry(
    new ScopeNotFound({ kind: "team" }),
    404,
    "TEAM_NOT_FOUND",
    "The team does not exist or the user is not a member of it",
  ),
  ProviderConfigNotFound: entry(
    new ProviderConfigNotFound(),
    404,
    "PROVIDER_CONFIG_NOT_FOUND",
    "The user has not configured the provider",
  ),
  ShareNotFound: entry(new ShareNotFound(), 404, "SHARE_NOT_FOUND", "The share does not exist"),
  UserNotFound: entry(new UserNotFound(), 404, "USER_NOT_FOUND", "The user does not exist"),
  AlreadyInvited: entry(
    new AlreadyInvited(),
    409,
    "ALREADY_INVITED",
    "The email address has a pending invite already",
  ),
  AlreadyMember: entry(new AlreadyMember(), 409, "ALREADY_MEMBER", "The user is a member already"),
  ClientIdTaken: entry(
    new ClientIdTaken(),
    409,
    "CLIENT_ID_TAKEN",
    "The user has sent another message to the channel with this `client_id`",
  ),
  EmailTaken: entry(
    new EmailTaken({ email: "ada@example.com" }),
    409,
    "EMAIL_TAKEN",
    "An account with this email address exists",
  ),
  GenerationInProgress: entry(
    new GenerationInProgress(),
    409,
    "ARENA_BUSY",
    "The answers to the previous message are still being generated",
  ),
  InviteNotPending: entry(
    new InviteNotPending(),
    409,
    "INVITE_NOT_PENDING",
    "The invite was answered or cancelled or has expired",
  ),
  MethodAlreadyEnabled: entry(
    new MethodAlreadyEnabled(),
    409,
    "TWO_FACTOR_ALREADY_ENABLED",
    "The account has this method already",
  ),
  LastOwner: entry(
    new LastOwner({ kind: "organization" }),
    409,
    "LAST_OWNER",
    "The last owner can neither leave, be removed nor get another role",
  ),
  ProviderConfigExists: entry(
    new ProviderConfigExists(),
    409,
    "PROVIDER_CONFIG_EXISTS",
    "The user has configured the provider already",
  ),
  UsernameTaken: entry(new UsernameTaken(), 409, "USERNAME_TAKEN", "The username is taken"),
  ShareExpired: entry(
    new ShareExpired(),
    410,
    "SHARE_EXPIRED",
    "The share has expired, or it was revoked or deleted with its conversation",
  ),
  NotInOrganization: entry(
    new NotInOrganization(),
    422,
    "NOT_IN_ORGANIZATION",
    "The user is not a member of the channel's organization",
  ),
  FileShareExpired: entry(
    new FileShareExpired(),
    410,
    "FILE_SHARE_EXPIRED",
    "The link has expired, was downloaded as often as it may be, or was revoked or replaced",
  ),
  ResumeExpired: entry(
    new ResumeExpired(),
    410,
    "RESUME_EXPIRED",
    "What came after this number is no longer stored",
  ),
  LogExpired: entry(
    new LogExpired(),
    410,
    "GENERATION_LOG_EXPIRED",
    "The generation ended too long ago for its events to be stored; the answer is among the messages",
  ),
  CallEnded: entry(new CallEnded(), 422, "CALL_ENDED", "The call was ended or missed"),
  DefaultModelUnknown: entry(
    new DefaultModelUnknown(),
    422,
    "MODEL_NOT_FOUND",
    "No configured provider serves the model",
  ),
  DeletionNotAllowed: entry(
    new DeletionNotAllowed(),
    422,
    "DELETION_NOT_ALLOWED",
    "The accounts of administrators cannot be deleted",
  ),
  NotParticipating: entry(
    new NotParticipating({ who: "actor" }),
    422,
    "NOT_PARTICIPATING",
    "The user, or the one that a signal is for, is not taking part",
  ),
  SignalTooLarge: entry(new SignalTooLarge(), 413, "SIGNAL_TOO_LARGE", "The signal is too large"),
  RoomFull: entry(new RoomFull(), 422, "VOICE_FULL", "Eight users are taking part already"),
  SettingLocked: entry(
    new SettingLocked(),
    422,
    "SETTING_LOCKED",
    "The server's configuration sets the setting",
  ),
  FileTooLarge: entry(
    new FileTooLarge({ limit: 20_971_520 }),
    413,
    "FILE_TOO_LARGE",
    "The file is larger than `MAX_FILE_BYTES`",
  ),
  ThumbnailUnavailable: entry(
    new ThumbnailUnavailable(),
    422,
    "THUMBNAIL_UNAVAILABLE",
    "The file is not an image, is broken, or has too many pixels",
  ),
  MethodUnavailable: entry(
    new MethodUnavailable(),
    422,
    "TWO_FACTOR_METHOD_UNAVAILABLE",
    "The server cannot send text messages, or the method sends nothing",
  ),
  TooManyCodes: entry(
    new TooManyCodes({ retryAfter: 120 }),
    429,
    "TOO_MANY_CODES",
    "Too many codes or passwords were tried, or codes sent; `Retry-After` is set",
  ),
  CompletionRateLimited: entry(
    new CompletionRateLimited({
      code: "MODEL_RATE_LIMITED",
      message: "OpenAI is rate limiting this server. Wait a little and try again.",
    }),
    429,
    "MODEL_RATE_LIMITED",
    "The provider limits requests; `Retry-After` is set if it sent a delay",
  ),
  TooManySignIns: entry(
    new TooManySignIns({ retryAfter: 180 }),
    429,
    "TOO_MANY_SIGN_INS",
    "Too many passwords were tried for the account, from networks that it has not signed in from; `Retry-After` is set",
  ),
  TokenLimitReached: entry(
    new TokenLimitReached(),
    429,
    "TOKEN_LIMIT_REACHED",
    "The rest of the user's token limit does not cover the request",
  ),
  ImageGenerationFailed: entry(
    new ImageGenerationFailed({ code: "MODEL_UNREACHABLE", message: "OpenAI could not be reached." }),
    500,
    "MODEL_UNREACHABLE",
    "The model generated no image. The code gives the reason; `Retry-After` is set if the provider sent a delay",
  ),
  GenerationFailed: entry(
    new GenerationFailed({ code: "MODEL_UNREACHABLE", message: "OpenAI could not be reached." }),
    502,
    "MODEL_UNREACHABLE",
    "The model did not answer. The code gives the reason; `Retry-After` is set if the provider sent a delay",
  ),
  ModelsUnavailable: entry(
    new ModelsUnavailable(),
    502,
    "MODELS_UNAVAILABLE",
    "No model provider returned its list of models",
  ),
  ApiKeyUnreadable: entry(
    new ApiKeyUnreadable(),
    503,
    "API_KEY_UNREADABLE",
    "The stored API key can no longer be decrypted",
  ),
  CompletionUnavailable: entry(
    new CompletionUnavailable({ code: "MODEL_UNREACHABLE", message: "OpenAI could not be reached." }),
    503,
    "MODEL_UNREACHABLE",
    "The provider is not configured, cannot be reached or failed; the code gives the reason",
  ),
  SmsFailed: entry(new SmsFailed(), 503, "SMS_FAILED", "The text message could not be sent"),
  ShuttingDown: entry(new ShuttingDown(), 503, "SHUTTING_DOWN", "The server is shutting down"),
  Unhealthy: entry(
    new Unhealthy({ components: ["storage"] }),
    503,
    "UNHEALTHY",
    "The database or the storage is unavailable",
  ),
  StorageFailed: entry(
    new StorageFailed({ cause: undefined }),
    507,
    "STORAGE_FAILED",
    "Not enough storage space",
  ),
}

type Table = typeof errorTable
type ErrorOf<Entry> = Entry extends ErrorEntry<infer E> ? E : never

/** Where a contract's documents give another status, code or description than the shared table. */
export type ErrorDifferences = { readonly [Name in keyof Table]?: Partial<Omit<ErrorEntry<Error>, "sample">> }

/** The codecs of all domain errors in a contract's error format, for its endpoints to declare. */
type ErrorSchemas<Body> = { readonly [Name in keyof Table]: Schema.Schema<ErrorOf<Table[Name]>, Body> }

/** Makes the codecs of all domain errors. The cast pairs each with its error: a map over a record has one type. */
export const makeErrors = <Body>(errorBody: ErrorBody<Body>, differences: ErrorDifferences = {}) =>
  Record.map(errorTable, (shared: ErrorEntry<Error>, name): unknown =>
    makeErrorSchema(errorBody, { ...shared, ...differences[name] }),
  ) as ErrorSchemas<Body>
