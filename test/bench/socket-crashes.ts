/**
 * Kills a server while messages are sent and sockets resume, repeatedly, on one database: everything acknowledged
 * must reach both readers, once and in order. `bun test/bench/socket-crashes.ts [rounds] [embedded|server]`
 */
import { Effect } from "effect"
import { startPostgres } from "../support/PostgresServer"
import { killWhileSending } from "../support/socketCrashes"
import { temporaryFolder } from "../support/TemporaryFolder"
import { print } from "./support/Processes"

const rounds = Number(process.argv[2] ?? 50)
const onServer = process.argv[3] === "server"

const program = Effect.gen(function* () {
  const DATA_DIR = yield* temporaryFolder
  const DATABASE_URL = onServer
    ? (yield* Effect.acquireRelease(
        Effect.promise(() => startPostgres({ durable: true })),
        ({ stop }) => Effect.promise(stop),
      )).url
    : ""
  const { acknowledged, received } = yield* killWhileSending({ DATA_DIR, DATABASE_URL }, rounds)
  const faults = received.map((frames) => {
    const contents = new Set(frames.map(({ content }) => content))
    return {
      lost: acknowledged.filter((content) => !contents.has(content)).length,
      repeated: frames.length - contents.size,
      reordered: frames.filter(({ seq }, index) => seq <= (frames[index - 1]?.seq ?? -1)).length,
    }
  })
  print(`${rounds} rounds, ${acknowledged.length} acknowledged messages; all of these must be 0:`)
  for (const fault of faults) print(JSON.stringify(fault))
  return faults.every(({ lost, repeated, reordered }) => lost + repeated + reordered === 0)
})

process.exit((await Effect.runPromise(Effect.scoped(program))) ? 0 : 1)
