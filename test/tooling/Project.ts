import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Effect } from "effect"
import { temporaryFolder } from "./Process"

const parley = dirname(dirname(import.meta.dir))

const settings = [
  "package.json",
  "bun.lock",
  "bunfig.toml",
  "tsconfig.json",
  "biome.json",
  "knip.json",
  ".dependency-cruiser.mjs",
  ".gitignore",
]

/** What a file of such a project holds, by its path. */
export type Files = Readonly<Record<string, string>>

/** A project in a folder of its own with these files, and the settings and packages of Parley. */
export const project = (files: Files) =>
  Effect.map(temporaryFolder, (root) => {
    for (const name of settings) cpSync(join(parley, name), join(root, name))
    symlinkSync(join(parley, "node_modules"), join(root, "node_modules"))
    for (const folder of ["src", "test"]) mkdirSync(join(root, folder))
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), content)
    }
    return root
  })
