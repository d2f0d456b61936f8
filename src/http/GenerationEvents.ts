import { Schema } from "effect"
import { GenerationEvent, type PositionedEvent, ReasoningEvent } from "../domain/generation/Generations/Model"
import { example } from "./Example"
import * as Sse from "./Sse"

/** The data of an event of a generation, in every stream but ChatGuide's. */
export const GenerationEventBody = GenerationEvent.annotations({
  identifier: "GenerationEvent",
  ...example({ type: "delta", seq: 2, text: "Kyoto, for the " }),
})

/** Formats an event: its number is the id, which clients send back as `Last-Event-ID`, and its type the name. */
export const generationEvent = (event: GenerationEvent): string =>
  Sse.event({ id: event.seq, event: event.type, data: JSON.stringify(event) })

/** The data of an event of a stream that may have reasoning, too. */
export const ReasonedEventBody = Schema.Union(GenerationEventBody, ReasoningEvent).annotations({
  identifier: "ReasonedGenerationEvent",
  ...example({ type: "reasoning", offset: 0, text: "The user wants a city with temples. " }),
})

/** Formats an event of a stream with reasoning; the id says how far both were read. */
export const positionedEvent = ({ event, position }: PositionedEvent): string =>
  Sse.event({ id: `${position.seq}.${position.offset}`, event: event.type, data: JSON.stringify(event) })
