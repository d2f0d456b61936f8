import { cpSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs"
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

const canMount = () => {
  if (process.platform !== "linux" || Bun.which("mount") === null || process.getuid?.() !== 0) return false
  const { folder, mounted } = open(1)
  close(folder)
  return mounted
}

/** The reason to skip a test that fills a disk; undefined if it can run. */
export const diskUnavailable = canMount() ? undefined : "permission to mount a file system"

/** Mounts a small tmpfs disk; unmounted when the scope closes. */
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
        /** Fills the disk, leaving this many bytes free. */
        fillLeaving: (bytes: number) =>
          Effect.sync(() => {
            rmSync(filler, { force: true })
            const { bavail, bsize } = statfsSync(folder)
            try {
              writeFileSync(filler, new Uint8Array(bavail * bsize - bytes))
            } catch (cause) {
              // Concurrent writers may fill it earlier.
              if (!String(cause).includes("ENOSPC")) throw cause
            }
          }),
        /** Removes the filler. */
        free: Effect.sync(() => rmSync(filler, { force: true })),
      }
    },
  )

/**
 * Moves a folder, which nobody may be using, to a tmpfs disk of its own that has less than this many
 * megabytes left; unmounted when the scope closes. `grow` makes room on it.
 */
export const ownDisk = (folder: string, megabytesLeft: number) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const copy = mkdtempSync(join(tmpdir(), "parley-copy-"))
        cpSync(folder, copy, { recursive: true })
        const used = Bun.spawnSync(["du", "-sm", copy]).stdout.toString().split("\t")[0]
        const size = Number(used) + megabytesLeft
        if (!mount(folder, size)) throw new Error(`No file system could be mounted on ${folder}`)
        cpSync(copy, folder, { recursive: true })
        rmSync(copy, { recursive: true })
        return size
      }),
      () => Effect.sync(() => Bun.spawnSync(["umount", "--lazy", folder])),
    ),
    (size) => ({
      grow: Effect.sync(() => Bun.spawnSync(["mount", "-o", `remount,size=${size * 2}m`, folder])),
    }),
  )
