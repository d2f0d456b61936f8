import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import { Uuid } from "../../shared/Ids"
import { findOne } from "../../shared/Rows"
import type { FileId } from "../Files/Model"

const Thumbnail = Schema.Struct({ id: Uuid, size: Schema.Int })

export class ThumbnailsRepo extends Effect.Service<ThumbnailsRepo>()("ThumbnailsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const find = (file: FileId) =>
      sql`select id, size from thumbnails where file_id = ${file}`.pipe(findOne(Thumbnail))

    /** Inserts the row of a thumbnail. None if the file has one already, or was deleted. */
    const insert = (file: FileId, id: string, size: number) =>
      sql`
        insert into thumbnails (id, file_id, size)
        select ${id}::uuid, id, ${size} from files where id = ${file} for key share
        on conflict (file_id) do nothing returning id, size`.pipe(findOne(Thumbnail))

    return { find, insert }
  }),
}) {}
