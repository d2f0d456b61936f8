import fs from "node:fs"
import { PGlite, type PGliteOptions } from "@electric-sql/pglite"
import { NodeFS } from "@electric-sql/pglite/nodefs"
import { noInitdb, postgresFiles, postgresModule } from "./Assets"

type Runtime = Parameters<NodeFS["init"]>[1]
type Hook = NonNullable<Runtime["preRun"]>

/** The internals of the WebAssembly runtime used here, for which PGlite has no types. */
interface WasmRuntime {
  readonly NODEFS: {
    readonly stream_ops: Record<
      "fsync",
      (file: { readonly nfd: number; readonly node: { readonly mode: number } }) => number
    >
  }
}

/**
 * Node's file system with a working fsync. The runtime's own fsync does nothing, so commits would be
 * lost when the machine, not just the process, dies.
 */
class DurableFiles extends NodeFS {
  override async init(postgres: PGlite, options: Runtime) {
    const { emscriptenOpts } = await super.init(postgres, options)
    const replaceFsync = (runtime: unknown) => {
      const { NODEFS } = runtime as WasmRuntime
      NODEFS.stream_ops.fsync = ({ nfd, node }) => {
        const folder = (node.mode & 0o170000) === 0o040000
        if (folder) fs.fsyncSync(nfd)
        else fs.fdatasyncSync(nfd)
        return 0
      }
    }
    const preRun = [...[emscriptenOpts.preRun ?? []].flat(), replaceFsync] as Hook
    return { emscriptenOpts: { ...emscriptenOpts, preRun } }
  }
}

/** PGlite's start parameters, but with fsync, little memory and a short WAL. */
const startParams = [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== "-F"),
  ...[
    "wal_sync_method=fsync", // the runtime's fdatasync does nothing
    "shared_buffers=16MB",
    "min_wal_size=4MB",
    "max_wal_size=32MB",
    "timezone=UTC",
    "application_name=parley",
  ].flatMap((setting) => ["-c", setting]),
]

/** Opens the database in a folder that holds an unpacked seed. The caller must hold the folder's lock. */
export const openFolder = (folder: string) => open({ fs: new DurableFiles(folder) })

/** Opens an in-memory database from an archive. */
export const openArchive = (archive: Blob) => open({ loadDataDir: archive })

const open = async (options: PGliteOptions) => {
  let fatalMessage: string | undefined
  const captureFatal = (line: string) => {
    fatalMessage ??= /(?:FATAL|PANIC): +(.+)/.exec(line)?.[1]
    return false
  }
  try {
    return await PGlite.create({
      ...options,
      startParams,
      pgliteWasmModule: await postgresModule(),
      initdbWasmModule: noInitdb(),
      fsBundle: postgresFiles(),
      onStderr: captureFatal,
      onStdout: captureFatal,
    })
  } catch (cause) {
    // The runtime's exception has no details; PostgreSQL's last log line has.
    throw fatalMessage === undefined ? cause : new Error(fatalMessage, { cause })
  }
}
