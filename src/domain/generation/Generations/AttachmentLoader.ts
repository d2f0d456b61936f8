import { Effect, Option } from "effect"
import type { Attachment, StoredTurn } from "../../conversations/Conversations/Model"
import { Files } from "../../files/Files"
import type { Enclosure, Turn } from "../../models/LanguageModel"
import type { Actor } from "../../shared/Actor"

/** Puts the files that were attached to what was said beside it, for the model to look at. */
export class Enclosing extends Effect.Service<Enclosing>()("Enclosing", {
  effect: Effect.gen(function* () {
    const files = yield* Files

    /** A file that is gone is left out. */
    const open = (actor: Actor, { fileId, kind, name, mediaType }: Attachment) =>
      Effect.map(
        Effect.option(files.read(actor, fileId)),
        Option.map(({ bytes }): Enclosure => ({ kind, name, mediaType, bytes })),
      )

    const enclose = (actor: Actor, turn: StoredTurn) =>
      Effect.map(
        Effect.forEach(turn.attachments, (attachment) => open(actor, attachment), { concurrency: 4 }),
        (found): Turn => ({ ...turn, enclosures: found.flatMap(Option.toArray) }),
      )

    /** The turns as a model is told them; at no cost where nothing is attached. */
    const told = (actor: Actor, turns: ReadonlyArray<StoredTurn>): Effect.Effect<ReadonlyArray<Turn>> =>
      turns.every(({ attachments }) => attachments.length === 0)
        ? Effect.succeed(turns)
        : Effect.forEach(turns, (turn) => enclose(actor, turn))

    return { told }
  }),
}) {}
