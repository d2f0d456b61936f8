import { existsSync } from "node:fs"
import { rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Context, Effect, Layer } from "effect"
import { temporaryFolder } from "../support/TemporaryFolder"

/** What the server that tells the stories keeps its files on. */
export class Disk extends Context.Tag("test/docs/Disk")<Disk, { readonly folder: string }>() {}

export const layer = Layer.scoped(
  Disk,
  Effect.map(temporaryFolder, (folder) => ({ folder })),
)

/** Meanwhile nothing can be written where files are kept: something else stands in its place. */
export const refusing = <A, E, R>(meanwhile: Effect.Effect<A, E, R>) =>
  Effect.flatMap(Disk, ({ folder }) => {
    const files = join(folder, "files")
    const aside = join(folder, "aside")
    const block = Effect.promise(async () => {
      if (existsSync(files)) await rename(files, aside)
      await writeFile(files, "")
    })
    const free = Effect.promise(async () => {
      await rm(files)
      if (existsSync(aside)) await rename(aside, files)
    })
    return Effect.acquireUseRelease(
      block,
      () => meanwhile,
      () => free,
    )
  })
