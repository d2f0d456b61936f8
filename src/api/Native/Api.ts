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

/** Nobody gets past this who is not signed in, by bearer token or session cookie. */
export class SignedIn extends HttpApiMiddleware.Tag<SignedIn>()("Native/SignedIn", {
  failure: Errors.NotSignedIn,
  provides: CurrentActor,
  security,
}) {}

const GenerationBody = Schema.Struct({
  id: GenerationId,
  conversationId: ConversationId,
  promptId: MessageId,
  answerId: Schema.NullOr(MessageId).annotations({
    description: "Null when it ended before it said anything",
  }),
  model: Schema.String,
  state: GenerationState,
  startedAt: Schema.Date,
  endedAt: Schema.NullOr(Schema.Date),
}).annotations({ identifier: "Generation", description: "The run as it is now" })

const id = HttpApiSchema.param(
  "id",
  GenerationId.annotations({ description: "The generation's id, or that of the answer that it writes" }),
)

const generations = HttpApiGroup.make("generations")
  .add(
    HttpApiEndpoint.get("readGeneration")`/api/generations/${id}/events`
      .addSuccess(
        Schema.String.pipe(
          HttpApiSchema.withEncoding({ kind: "Text", contentType: "text/event-stream" }),
        ).annotations({ description: "The events of the run, as they come" }),
      )
      .addSuccess(
        HttpApiSchema.Empty(204).annotations({ description: "Nothing is left to say to this reader" }),
      )
      .addError(Errors.GenerationNotFound)
      .addError(Errors.LogExpired)
      .annotate(OpenApi.Summary, "Read a generation")
      .annotate(
        OpenApi.Description,
        [
          "The log of a run as server-sent events, from its start or from after `Last-Event-ID`, and then live to its end. Each event's id is its number in the log; its name is its type; its data is one JSON object with `type` and `seq` beside what the type has:",
          "- `prompt`: `messageId`, `previousMessageId`, `conversationId`, `content`, `createdAt`\n- `started`: `messageId` of the answer, `model`, `createdAt`\n- `delta`: `text`\n- last of all one of `completed` (`reason`, `usage`), `stopped` (`usage`), `failed` (`error` with `code` and `message`, `usage`) and `interrupted` (`usage`): the server went down while it was writing",
          "Numbers go up by one, but for the ending of a run whose server went down: that stands far beyond all that anyone can have read.",
          "Any number of readers see the same events, at any time up to seven days after the end.",
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
        "Ends the run and aborts the provider's call; what was said so far is kept. Answers with the state in which the run ended; `running` only when the server that writes it does not answer for ten seconds, and then it stops as soon as it does. Safe to repeat: a run that is over stays as it ended.",
      ),
  )
  .middleware(SignedIn)
  .annotate(OpenApi.Title, "Generations")
  .annotate(OpenApi.Description, "The runs that write answers, whichever contract began them.")

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
          HttpApiSchema.annotations({ status: 206, description: "The part that `Range` asks for" }),
        ),
      )
      .addError(Errors.FileNotFound)
      .annotate(OpenApi.Summary, "Read a file")
      .annotate(
        OpenApi.Description,
        "A picture that a model drew, or a file that was attached to a message: the caller's own alone, under its own content type. One range of bytes can be asked for; one that lies beyond the end is 416.",
      ),
  )
  .middleware(SignedIn)
  .annotate(OpenApi.Title, "Files")
  .annotate(OpenApi.Description, "What people attach and what models draw.")

/** Parley's own contract: what none of the documents has. */
export const NativeApi = HttpApi.make("Native")
  .add(generations)
  .add(files)
  .annotate(OpenApi.Title, "Parley: generations and files")
  .annotate(
    OpenApi.Description,
    "Runs of a model: follow one from anywhere, pick it up after a lost connection, stop it. Files: what was attached and drawn.",
  )
