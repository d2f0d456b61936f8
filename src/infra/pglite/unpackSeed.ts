import { existsSync } from "node:fs"
import { mkdir, open, readdir, rename, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { seedFiles } from "./Assets"

/**
 * Unpacks an empty database into `folder` unless one exists. Atomic and durable: an interrupted
 * first start is repeated. Idempotent.
 */
export const unpackSeed = async (folder: string) => {
  if (existsSync(join(folder, "PG_VERSION"))) return
  const unfinished = `${folder}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { mode: 0o700 })
  await new Bun.Archive(await seedFiles()).extract(unfinished)
  const names = await readdir(unfinished, { recursive: true })
  await Promise.all([unfinished, ...names.map((name) => join(unfinished, name))].map(fsyncPath))
  await rename(unfinished, folder)
  await fsyncPath(dirname(folder))
}

const fsyncPath = async (path: string) => {
  const file = await open(path)
  await file.sync().finally(() => file.close())
}
