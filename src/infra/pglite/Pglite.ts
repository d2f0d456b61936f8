import fs from "node:fs"
import { type Extension, PGlite, type PGliteOptions } from "@electric-sql/pglite"
import { NodeFS } from "@electric-sql/pglite/nodefs"
import { noInitdb, postgresFiles, postgresModule, trigramFiles } from "./Assets"

type Runtime = Parameters<NodeFS["init"]>[1]
type Hook = NonNullable<Runtime["preRun"]>

/** What we reach for inside the WebAssembly runtime, which PGlite does not describe. */
interface Inside {
  pg_extensions: Record<string, Promise<Blob>>
  readonly NODEFS: {
    readonly stream_ops: Record<
      "fsync",
      (file: { readonly nfd: number; readonly node: { readonly mode: number } }) => number
    >
  }
}

const before = (options: Runtime, hook: (inside: Inside) => void): Runtime => ({
  ...options,
  preRun: [...[options.preRun ?? []].flat(), (runtime: unknown) => hook(runtime as Inside)] as Hook,
})

/**
 * Files on disk, with an fsync that reaches the disk: the runtime's own does nothing, and what was
 * committed would be lost when the machine, not just the process, dies.
 */
class DurableFiles extends NodeFS {
  override async init(postgres: PGlite, options: Runtime) {
    const { emscriptenOpts } = await super.init(postgres, options)
    return {
      emscriptenOpts: before(emscriptenOpts, ({ NODEFS }) => {
        NODEFS.stream_ops.fsync = ({ nfd, node }) => {
          const folder = (node.mode & 0o170000) === 0o040000
          if (folder) fs.fsyncSync(nfd)
          else fs.fdatasyncSync(nfd)
          return 0
        }
      }),
    }
  }
}

/** PGlite's own packaging of an extension is a URL, which cannot lead into a one-file binary. */
const pg_trgm: Extension = {
  name: "pg_trgm",
  setup: async (_postgres, options: Runtime) => {
    const files = await trigramFiles()
    return {
      emscriptenOpts: before(options, (inside) => {
        inside.pg_extensions = { ...inside.pg_extensions, pg_trgm: Promise.resolve(files) }
      }),
    }
  },
}

/** PGlite's parameters, but with fsync, little memory, and a log that stays short. */
const settings = [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== "-F"),
  ...[
    "wal_sync_method=fsync", // the runtime's fdatasync is deaf
    "shared_buffers=16MB",
    "min_wal_size=4MB",
    "max_wal_size=32MB",
    "timezone=UTC",
    "application_name=parley",
  ].flatMap((setting) => ["-c", setting]),
]

/** Opens the database in a folder that the seed was unpacked in. Not safe without the folder's lock. */
export const openFolder = (folder: string) => open({ fs: new DurableFiles(folder) })

/** Opens a database in memory from the archive of one. */
export const openArchive = (archive: Blob) => open({ loadDataDir: archive })

const open = async (where: PGliteOptions) => {
  let fatal: string | undefined
  const hear = (line: string) => {
    fatal ??= /(?:FATAL|PANIC): +(.+)/.exec(line)?.[1]
    return false
  }
  try {
    return await PGlite.create({
      ...where,
      startParams: settings,
      extensions: { pg_trgm },
      pgliteWasmModule: await postgresModule(),
      initdbWasmModule: noInitdb(),
      fsBundle: postgresFiles(),
      onStderr: hear,
      onStdout: hear,
    })
  } catch (cause) {
    // What the runtime throws says nothing; what PostgreSQL wrote before it died does.
    throw fatal === undefined ? cause : new Error(fatal, { cause })
  }
}
