import {
  HttpApi,
  HttpApiEndpoint,
  HttpApiGroup,
  HttpApiMiddleware,
  HttpApiSchema,
  OpenApi,
} from "@effect/platform"
import { Schema } from "effect"
import { ConversationId, MessageId } from "../../domain/conversations/Conversations/Model"
import { FileId } from "../../domain/files/Files/Model"
import { GenerationId, GenerationState } from "../../domain/generation/Generations/Model"
import { CurrentActor } from "../../http/middleware/RequestActor"
import { security } from "../../http/middleware/SessionCookie"
import * as Errors from "./Errors"

/** Rejects requests that carry neither a valid bearer token nor a valid session cookie. */
export class Authentication extends HttpApiMiddleware.Tag<Authentication>()("Native/Authentication", {
  failure: Errors.Unauthenticated,
  provides: CurrentActor,
  security,
}) {}

const GenerationBody = Schema.Struct({
  id: GenerationId,
  conversationId: ConversationId,
  promptId: MessageId,
  answerId: Schema.NullOr(MessageId).annotations({
    description: "Null if the generation ended without text",
  }),
  model: Schema.String,
  state: GenerationState,
  startedAt: Schema.Date,
  endedAt: Schema.NullOr(Schema.Date),
}).annotations({ identifier: "Generation", description: "The current state of the generation" })

const id = HttpApiSchema.param(
  "id",
  GenerationId.annotations({ description: "The id of the generation or of its answer" }),
)

const generations = HttpApiGroup.make("generations")
  .add(
    HttpApiEndpoint.get("readGeneration")`/api/generations/${id}/events`
      .addSuccess(
        Schema.String.pipe(
          HttpApiSchema.withEncoding({ kind: "Text", contentType: "text/event-stream" }),
        ).annotations({ description: "The generation's events" }),
      )
      .addSuccess(HttpApiSchema.Empty(204).annotations({ description: "No more events" }))
      .addError(Errors.GenerationNotFound)
      .addError(Errors.LogExpired)
      .annotate(OpenApi.Summary, "Read a generation's events")
      .annotate(
        OpenApi.Description,
        [
          "Streams the log of a generation as server-sent events, from its start or after `Last-Event-ID`, then live to its end. Each event's id is its sequence number, its name is its type, and its data is a JSON object with `type`, `seq` and the fields of the type:",
          "- `prompt`: `messageId`, `previousMessageId`, `conversationId`, `content`, `createdAt`\n- `started`: `messageId` of the answer, `model`, `createdAt`\n- `delta`: `text`\n- finally one of `completed` (`reason`, `usage`), `stopped` (`usage`), `failed` (`error` with `code` and `message`, `usage`) or `interrupted` (`usage`), which means that the server shut down or crashed during generation",
          "Sequence numbers increase by one, except for the final event of a generation whose server crashed: its number is greater than any that a client can have received.",
          "All readers receive the same events, until seven days after the end.",
        ].join("\n\n"),
      ),
  )
  .add(
    HttpApiEndpoint.post("stopGeneration")`/api/generations/${id}/stop`
      .addSuccess(GenerationBody)
      .addError(Errors.GenerationNotFound)
      .annotate(OpenApi.Summary, "Stop a generation")
      .annotate(
        OpenApi.Description,
        "Stops the generation and aborts the provider's request; the text so far is stored. Returns the final state, or `running` if the server that runs the generation does not respond within ten seconds; it then stops as soon as that server responds. Idempotent: a generation that has ended does not change.",
      ),
  )
  .middleware(Authentication)
  .annotate(OpenApi.Title, "Generations")
  .annotate(OpenApi.Description, "Generations of answers, started through any contract.")

const fileId = HttpApiSchema.param("id", FileId.annotations({ description: "The file's id" }))

const files = HttpApiGroup.make("files")
  .add(
    HttpApiEndpoint.get("readFile")`/api/files/${fileId}`
      .addSuccess(
        HttpApiSchema.Uint8Array({ contentType: "application/octet-stream" }).annotations({
          description: "The whole file",
        }),
      )
      .addSuccess(
        HttpApiSchema.Uint8Array({ contentType: "application/octet-stream" }).annotations(
          HttpApiSchema.annotations({ status: 206, description: "The requested range" }),
        ),
      )
      .addError(Errors.FileNotFound)
      .annotate(OpenApi.Summary, "Read a file")
      .annotate(
        OpenApi.Description,
        "Returns a generated image or a message attachment of the user, with its own content type. Supports a single byte range; a range beyond the end is rejected with 416.",
      ),
  )
  .middleware(Authentication)
  .annotate(OpenApi.Title, "Files")
  .annotate(OpenApi.Description, "Message attachments and generated images.")

/** The Native contract: operations that no document defines. */
export const NativeApi = HttpApi.make("Native")
  .add(generations)
  .add(files)
  .annotate(OpenApi.Title, "Parley: generations and files")
  .annotate(
    OpenApi.Description,
    "Follow, resume and stop generations that were started through any contract. Download attachments and generated images.",
  )
