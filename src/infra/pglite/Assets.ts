// The imports are paths on disk, or inside the compiled executable.
import files from "@electric-sql/pglite/pglite.data" with { type: "file" }
import database from "@electric-sql/pglite/pglite.wasm" with { type: "file" }
import seed from "./seed.tar.zst" with { type: "file" }

let compiledModule: Promise<WebAssembly.Module> | undefined

/** Compiles PostgreSQL's WebAssembly module, once per process (about 0.2 s). */
export const postgresModule = () => {
  compiledModule ??= Bun.file(database)
    .arrayBuffer()
    .then((bytes) => WebAssembly.compile(bytes))
  return compiledModule
}

/** Returns PostgreSQL's read-only files. */
export const postgresFiles = () => Bun.file(files)

/** Returns an empty database as an uncompressed archive. */
export const seedFiles = async () => Bun.zstdDecompress(await Bun.file(seed).arrayBuffer())

/** Returns an empty module to pass as initdb, which the seed replaces: without it PGlite loads the real one. */
export const noInitdb = () => new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))
