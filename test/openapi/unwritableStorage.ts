import { existsSync } from "node:fs"
import { rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Context, Effect, Layer } from "effect"
import { temporaryFolder } from "../support/TemporaryFolder"

/** The data directory of the server on which examples are recorded. */
export class Storage extends Context.Tag("test/openapi/Storage")<Storage, { readonly folder: string }>() {}

export const layer = Layer.scoped(
  Storage,
  Effect.map(temporaryFolder, (folder) => ({ folder })),
)

/** Runs an effect while files cannot be written: a regular file replaces their directory. */
export const withUnwritableStorage = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(Storage, ({ folder }) => {
    const files = join(folder, "files")
    const aside = join(folder, "aside")
    const block = Effect.promise(async () => {
      if (existsSync(files)) await rename(files, aside)
      await writeFile(files, "")
    })
    const unblock = Effect.promise(async () => {
      await rm(files)
      if (existsSync(aside)) await rename(aside, files)
    })
    return Effect.acquireUseRelease(
      block,
      () => effect,
      () => unblock,
    )
  })
