import files from "@electric-sql/pglite/pglite.data" with { type: "file" }
import database from "@electric-sql/pglite/pglite.wasm" with { type: "file" }
import trigrams from "../../../node_modules/@electric-sql/pglite/dist/pg_trgm.tar.gz" with { type: "file" }
import seed from "./seed.tar.zst" with { type: "file" }

// Paths on disk, or inside the one-file binary.
const once = <A>(make: () => Promise<A>) => {
  let made: Promise<A> | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** PostgreSQL itself, compiled once per process (about 0.2 s). */
export const postgresModule = once(async () => WebAssembly.compile(await Bun.file(database).arrayBuffer()))

/** PostgreSQL's own read-only files. */
export const postgresFiles = () => Bun.file(files)

/** The pg_trgm extension, as an unpacked archive. */
export const trigramFiles = once(
  async () => new Blob([Bun.gunzipSync(await Bun.file(trigrams).arrayBuffer())]),
)

/** An empty database, as an unpacked archive. */
export const seedFiles = async () => Bun.zstdDecompress(await Bun.file(seed).arrayBuffer())

/**
 * Stands where PGlite wants initdb, which the seed makes needless: given nothing, it would load
 * the real one.
 */
export const noInitdb = () => new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))
