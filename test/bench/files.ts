import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { makeClient } from "../support/App"
import { databaseEnv, startServer } from "../support/ServerProcess"
import { temporaryFolder } from "../support/TemporaryFolder"

/**
 * Measures the server's memory and time while one file of a gigabyte is uploaded and downloaded.
 * `npx -y bun test/bench/files.ts`; needs Linux and curl.
 */

const SIZE = 1024 * 1024 * 1024
const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024)

const memoryOf = (pid: number) =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024

const run = Effect.gen(function* () {
  const folder = yield* temporaryFolder
  const path = join(folder, "file")
  const handle = openSync(path, "w")
  const piece = crypto.getRandomValues(new Uint8Array(65_536))
  for (let written = 0; written < SIZE; written += piece.byteLength) writeSync(handle, piece)
  closeSync(handle)

  const server = yield* startServer({
    ...(yield* databaseEnv),
    MAX_FILE_BYTES: String(SIZE),
    DATA_DIR: join(folder, "data"),
  })
  const client = makeClient(server.url)
  const { token } = yield* client.newUser()

  /** Runs curl, which reads and writes files itself, and prints what it cost the server. */
  const measure = (what: string, args: ReadonlyArray<string>) =>
    Effect.promise(async () => {
      const before = memoryOf(server.pid)
      let peak = before
      const timer = setInterval(() => {
        peak = Math.max(peak, memoryOf(server.pid))
      }, 20)
      const startedAt = performance.now()
      const child = Bun.spawn(["curl", "-sS", "-H", `Authorization: Bearer ${token}`, ...args], {
        stdout: "pipe",
      })
      const output = await new Response(child.stdout).text()
      clearInterval(timer)
      const seconds = (performance.now() - startedAt) / 1000
      process.stdout.write(
        `${what}: ${seconds.toFixed(1)} s, ${Math.round(megabytes(SIZE) / seconds)} MB/s, memory from ${megabytes(before)} to ${megabytes(peak)} MB: ${megabytes(peak - before)} MB more\n`,
      )
      return output
    })

  // The first upload also loads code.
  yield* measure("small upload", ["-F", `file=@${import.meta.path}`, `${server.url}/api/files`])
  const created = yield* measure("upload", ["-F", `file=@${path}`, `${server.url}/api/files`])
  const { file } = JSON.parse(created)
  const target = join(folder, "downloaded")
  yield* measure("download", ["-o", target, `${server.url}${file.url}`])
  rmSync(target)
  yield* measure("download at 200 MB/s", ["--limit-rate", "200M", "-o", target, `${server.url}${file.url}`])
  if (Bun.file(target).size !== SIZE) throw new Error("The download is not complete")
})

await Effect.runPromise(Effect.scoped(run))
