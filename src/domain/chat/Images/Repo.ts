import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { OffsetLimit } from "../../shared/Page"
import { execute, findOne, findPage } from "../../shared/Rows"
import { Image, type ImageId } from "./Model"

export class ImagesRepo extends Effect.Service<ImagesRepo>()("ImagesRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(`
      i.id, i.user_id as "userId", i.file_id as "fileId", i.prompt, i.negative_prompt as "negativePrompt",
      i.model_id as "modelId", i.is_favorite as "isFavorite", i.input_images_count as "referenceImageCount",
      i.generation_time_ms as milliseconds, i.usage, i.created_at as "createdAt"`)

    const insert = (image: Image) =>
      sql`
        insert into images (id, user_id, file_id, prompt, negative_prompt, model_id, is_favorite,
          input_images_count, generation_time_ms, usage, created_at)
        values (${image.id}, ${image.userId}, ${image.fileId}, ${image.prompt}, ${image.negativePrompt},
          ${image.modelId}, ${image.isFavorite}, ${image.referenceImageCount}, ${image.milliseconds},
          ${JSON.stringify(image.usage)}::jsonb, ${image.createdAt})`.pipe(execute)

    /** Returns a page of the actor's images or favorites, newest first. */
    const page = (actor: Actor, favorites: boolean, range: OffsetLimit) => {
      const conditions = sql`i.user_id = ${actor.userId} and ${favorites ? sql`i.is_favorite` : sql`true`}`
      return sql`
        select (select count(*)::int from images i where ${conditions}) as total, page.*
        from (select) one_row left join (
          select ${columns} from images i where ${conditions}
          order by i.created_at desc, i.id desc limit ${range.limit} offset ${range.offset}
        ) page on true
        order by page."createdAt" desc, page.id desc`.pipe(findPage(Image))
    }

    const find = (actor: Actor, id: ImageId) =>
      sql`
        select ${columns} from images i where i.id = ${uuidOrNull(id)} and i.user_id = ${actor.userId}`.pipe(
        findOne(Image),
      )

    const toggleFavorite = (actor: Actor, id: ImageId) =>
      sql`
        update images i set is_favorite = not is_favorite
        where i.id = ${uuidOrNull(id)} and i.user_id = ${actor.userId} returning ${columns}`.pipe(
        findOne(Image),
      )

    return { insert, page, find, toggleFavorite }
  }),
}) {}
