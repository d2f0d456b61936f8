import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"

const mount = (folder: string, megabytes: number) =>
  Bun.spawnSync(["mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder]).success

const open = (megabytes: number) => {
  const folder = mkdtempSync(join(tmpdir(), "parley-disk-"))
  return { folder, mounted: mount(folder, megabytes) }
}

const close = (folder: string) => {
  Bun.spawnSync(["umount", "--lazy", folder])
  rmSync(folder, { recursive: true, force: true })
}

const isPossible = () => {
  if (process.platform !== "linux" || Bun.which("mount") === null || process.getuid?.() !== 0) return false
  const { folder, mounted } = open(1)
  close(folder)
  return mounted
}

/** What a test that fills a disk says it misses. */
export const diskUnavailable = isPossible() ? undefined : "the right to mount a file system"

/** A disk of its own, gone with the scope. */
export const tmpfsDisk = (megabytes: number) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => open(megabytes)),
      ({ folder }) => Effect.sync(() => close(folder)),
    ),
    ({ folder }) => {
      const filler = join(folder, "filler")
      return {
        folder,
        /** Fills it up to this many bytes. */
        fillLeaving: (bytes: number) =>
          Effect.sync(() => {
            rmSync(filler, { force: true })
            const { bavail, bsize } = statfsSync(folder)
            try {
              writeFileSync(filler, new Uint8Array(bavail * bsize - bytes))
            } catch (cause) {
              // Others write too, and it is full all the sooner.
              if (!String(cause).includes("ENOSPC")) throw cause
            }
          }),
        /** Takes away what filled it. */
        free: Effect.sync(() => rmSync(filler, { force: true })),
      }
    },
  )
