// Creates seed.tar.zst, the empty database that a first start unpacks: `bun src/infra/pglite/makeSeed.ts`.
// initdb in WebAssembly takes 4 s and 1 GB of memory; unpacking takes 0.1 s. Run it again when PGlite
// moves to another PostgreSQL version: the tests fail until then.
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PGlite } from "@electric-sql/pglite"

const folder = mkdtempSync(join(tmpdir(), "parley-seed-"))
const data = join(folder, "postgres")

const database = await PGlite.create({ dataDir: data, initDbStartParams: ["--wal-segsize=1"] })
for (const step of [
  // The templates cannot be connected to here, and are two thirds of the files.
  "update pg_database set datistemplate = false",
  "drop database template0",
  "drop database template1",
  "vacuum (full, freeze, analyze)",
  "checkpoint",
]) {
  await database.exec(step)
}
const { rows } = await database.query<{ last: string }>(
  "select pg_walfile_name(pg_current_wal_lsn()) as last",
)
await database.close()

// A clean shutdown needs only the segment that holds its last record.
const segments = join(data, "pg_wal")
for (const name of readdirSync(segments)) {
  if (/^[0-9A-F]{24}$/.test(name) && name !== rows[0]?.last) rmSync(join(segments, name))
}

const tar = Bun.spawnSync(
  [
    "tar",
    "--sort=name",
    "--mode=u=rwX,go=",
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "--mtime=@0",
    "-cf",
    "-",
    ".",
  ],
  { cwd: data },
)
if (!tar.success) throw new Error(tar.stderr.toString())
await Bun.write(join(import.meta.dir, "seed.tar.zst"), Bun.zstdCompressSync(tar.stdout, { level: 22 }))
rmSync(folder, { recursive: true })
