import {
  HttpApiEndpoint,
  HttpApiGroup,
  HttpApiSchema,
  type HttpServerRequest,
  OpenApi,
} from "@effect/platform"
import { Effect, Schema } from "effect"
import { ConversationId, MessageId } from "../../domain/conversations/Conversations/Model"
import { Generations } from "../../domain/generation/Generations"
import { GenerationId, GenerationState, type ReadPosition } from "../../domain/generation/Generations/Model"
import { toStream } from "../../domain/shared/PullSource"
import { Authenticated, CurrentActor, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { Fields } from "../../http/Fields"
import { generationEvent, positionedEvent, ReasonedEventBody } from "../../http/GenerationEvents"
import { BooleanParam } from "../../http/Params"
import { defineResource } from "../../http/Resource"
import * as Sse from "../../http/Sse"
import { errors } from "./Errors"

const exampleId = "019bc0f1-2b50-7c3a-9d52-9e4d2a6c8b17"

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
}).annotations({
  identifier: "Generation",
  description: "The current state of the generation",
  ...example({
    id: exampleId,
    conversationId: "019bc0f1-2b47-7c3a-9d52-3a9cf5520012",
    promptId: "019bc0f1-2b48-7c3a-9d52-5d0f7e1b9a34",
    answerId: "019bc0f1-2b49-7c3a-9d52-7b1f3c5d9e02",
    model: "demo",
    state: "stopped",
    startedAt: "2026-01-15T09:30:14.000Z",
    endedAt: "2026-01-15T09:30:16.000Z",
  }),
})

const id = HttpApiSchema.param(
  "id",
  GenerationId.annotations({
    description: "The id of the generation or of its answer",
    ...example(exampleId),
  }),
)

/** Returns how far a client has read: the id of its last event, which has an offset if it reads reasoning. */
const lastPosition = ({ headers }: HttpServerRequest.HttpServerRequest): ReadPosition => {
  const [, seq = "-1", offset = "0"] =
    /^(\d{1,15})(?:\.(\d{1,9}))?$/.exec(headers["last-event-id"] ?? "") ?? []
  return { seq: Number(seq), offset: Number(offset) }
}

const endpoints = HttpApiGroup.make("generations")
  .add(
    HttpApiEndpoint.get("readGeneration")`/api/generations/${id}/events`
      .setUrlParams(Fields({ reasoning: BooleanParam(false, "Whether to send the model's reasoning, too") }))
      .addSuccess(Sse.eventStream("The generation's events", ReasonedEventBody))
      .addSuccess(HttpApiSchema.Empty(204).annotations({ description: "No more events" }))
      .addError(errors.GenerationNotFound)
      .addError(errors.LogExpired)
      .annotate(OpenApi.Summary, "Read a generation's events")
      .annotate(
        OpenApi.Description,
        [
          "Streams the log of a generation as server-sent events, from its start or after `Last-Event-ID`, then live to its end. Each event's id is its sequence number, its name is its type, and its data is a JSON object with `type`, `seq` and the fields of the type:",
          "- `prompt`: `messageId`, `previousMessageId`, `conversationId`, `content`, `createdAt`\n- `started`: `messageId` of the answer, `model`, `createdAt`\n- `delta`: `text`\n- finally one of `completed` (`reason`, `usage`), `stopped` (`usage`), `failed` (`error` with `code` and `message`, `usage`) or `interrupted` (`usage`), which means that the server shut down or crashed during generation",
          "Sequence numbers increase by one, except for the final event of a generation whose server crashed: its number is greater than any that a client can have received.",
          "With `reasoning=true` the stream also has what the model reasons before and within its answer, if the provider sends that: `reasoning` events with `text` and its `offset`, the number of UTF-16 code units of reasoning before. They have no sequence number, and the id of each event tells how far both were read: `Last-Event-ID` resumes both.",
          "All readers receive the same events, until seven days after the end. Who may read the messages of the chat, or the channel that an assistant answers in, may read these as well.",
        ].join("\n\n"),
      ),
  )
  .add(
    HttpApiEndpoint.post("stopGeneration")`/api/generations/${id}/stop`
      .addSuccess(GenerationBody)
      .addError(errors.GenerationNotFound)
      .annotate(OpenApi.Summary, "Stop a generation")
      .annotate(
        OpenApi.Description,
        "Stops a generation of the user's and aborts the provider's request; the text so far is stored. Returns the final state, or `running` if the server that runs the generation does not respond within ten seconds; it then stops as soon as that server responds. Idempotent: a generation that has ended does not change.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Generations")
  .annotate(OpenApi.Description, "Generations of answers, started through any contract.")

export const generations = defineResource({
  group: endpoints,
  prefixes: ["/api/generations"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const generations = yield* Generations
      return handlers
        .handle("readGeneration", ({ path, request, urlParams }) =>
          Effect.gen(function* () {
            const { seq, offset } = lastPosition(request)
            const actor = yield* CurrentActor
            const { generation, openSource, openWithReasoning, events } = yield* generations.events(
              actor,
              path.id,
              seq,
            )
            if (urlParams.reasoning) {
              const open = () => openWithReasoning(offset)
              return yield* generation.state === "running"
                ? Sse.streamPullSource(open, positionedEvent, actor)
                : Sse.replay(toStream(open), positionedEvent)
            }
            return yield* generation.state === "running"
              ? Sse.streamPullSource(openSource, generationEvent, actor)
              : Sse.replay(events, generationEvent)
          }),
        )
        .handle(
          "stopGeneration",
          withActor((actor, { path }) => generations.stop(actor, path.id)),
        )
    }),
})
