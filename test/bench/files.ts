import { closeSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { makeClient } from "../support/App"
import { databaseEnv, startServer } from "../support/ServerProcess"
import { temporaryFolder } from "../support/TemporaryFolder"
import { print, startProgram } from "./support/Processes"

/**
 * Measures the server's memory and time while a file of a gigabyte is uploaded and downloaded, against a
 * hand-written server that only writes uploads to disk. `npx -y bun test/bench/files.ts [executable]`
 * measures Parley from source or an executable; needs Linux, curl and cmp.
 */

const SIZE = 1024 * 1024 * 1024
const ROUNDS = 3
const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024)
const executable = process.argv[2]

/** Returns the current or peak resident memory of a process, in bytes. */
const memoryOf = (pid: number, field: "VmRSS" | "VmHWM") =>
  Number(
    new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0,
  ) * 1024

/** Runs curl, which reads and writes files itself, and prints what it cost the server. */
const measure = (what: string, pid: number, args: ReadonlyArray<string>, baseline?: number) =>
  Effect.promise(async () => {
    const before = memoryOf(pid, "VmRSS")
    writeFileSync(`/proc/${pid}/clear_refs`, "5") // The peak begins anew.
    const startedAt = performance.now()
    const child = Bun.spawn(["curl", "-sS", ...args], { stdout: "pipe" })
    const output = await new Response(child.stdout).text()
    const seconds = (performance.now() - startedAt) / 1000
    const grown = megabytes(memoryOf(pid, "VmHWM") - before)
    const ratio = baseline === undefined ? "" : `, ${(seconds / baseline).toFixed(2)} of the baseline's time`
    print(`${what}: ${seconds.toFixed(1)} s${ratio}, memory from ${megabytes(before)} MB by ${grown} MB`)
    return { output, seconds }
  })

const run = Effect.gen(function* () {
  const folder = yield* temporaryFolder
  const path = join(folder, "file")
  const target = join(folder, "downloaded")
  const handle = openSync(path, "w")
  const piece = crypto.getRandomValues(new Uint8Array(65_536))
  for (let written = 0; written < SIZE; written += piece.byteLength) writeSync(handle, piece)
  closeSync(handle)

  const baseline = yield* Effect.acquireRelease(
    Effect.promise(() => startProgram("test/bench/programs/receiveFile.ts", { TARGET: target })),
    ({ stop }) => Effect.promise(stop),
  )
  const env = {
    ...(yield* databaseEnv),
    MAX_FILE_BYTES: String(SIZE),
    DATA_DIR: join(folder, "data"),
  }
  const server = yield* executable === undefined ? startServer(env) : startServer(env, [executable])
  const client = makeClient(server.url)
  const { token } = yield* client.newUser()
  const authorization = ["-H", `Authorization: Bearer ${token}`]
  const upload = (what: string, file: string, baseline?: number) =>
    measure(what, server.pid, [...authorization, "-F", `file=@${file}`, `${server.url}/api/files`], baseline)

  // The first upload also loads code.
  yield* upload("small upload", import.meta.path)
  for (let round = 0; round < ROUNDS; round++) {
    const bare = yield* measure("baseline", baseline.pid, ["-T", path, baseline.url])
    const { output } = yield* upload("upload", path, bare.seconds)
    const { file } = JSON.parse(output)
    const url = `${server.url}${file.url}`
    yield* measure("download", server.pid, [...authorization, "-o", target, url])
    yield* measure("download at 200 MB/s", server.pid, [
      ...authorization,
      ...["--limit-rate", "200M", "-o", target, url],
    ])
    if (Bun.spawnSync(["cmp", path, target]).exitCode !== 0) throw new Error("The download differs")
    rmSync(target)
    yield* client.request("DELETE", `/api/files/${file.id}`, { token })
  }
})

await Effect.runPromise(Effect.scoped(run))
