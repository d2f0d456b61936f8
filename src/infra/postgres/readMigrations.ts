import { readdirSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"

/**
 * Reads `migrations/`. A macro: the bundler, or Bun when it loads the source, calls it and puts its
 * result in place of the call, so that a binary needs no folder and a migration is only a file.
 */
export const readMigrations = (): Record<string, string> => {
  const folder = join(import.meta.dir, "../../../migrations")
  const files = readdirSync(folder).filter((file) => file.endsWith(".sql"))
  return Object.fromEntries(
    files.sort().map((file) => [basename(file, ".sql"), readFileSync(join(folder, file), "utf8")]),
  )
}
