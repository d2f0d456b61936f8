import { SqlClient } from "@effect/sql"
import { Effect, Layer } from "effect"
import { AttachedFiles } from "../files/AttachedFiles"
import { uuidOrNull } from "../shared/Ids"
import { findColumn } from "../shared/Rows"
import { Channels } from "./Channels"
import { ChannelId } from "./Channels/Model"

/** Lets the readers of a post read the files that are attached to it. */
export const layer = Layer.effect(
  AttachedFiles,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const channels = yield* Channels
    return AttachedFiles.of({
      isReadable: (actor, file) =>
        sql`
          select distinct p.channel_id as id from post_files a join posts p on p.id = a.post_id
          where a.file_id = ${uuidOrNull(file)}`.pipe(
          findColumn("id", ChannelId),
          Effect.flatMap(Effect.exists((id) => Effect.isSuccess(channels.authorize(actor, id, "read")))),
        ),
    })
  }),
)
