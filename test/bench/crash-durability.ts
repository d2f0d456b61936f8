/**
 * Kills a server during writes, repeatedly, on one database: after each restart everything that it
 * had acknowledged must be present, and no generation may stay open.
 * `bun test/bench/crash-durability.ts [rounds] [--database embedded|server]`
 */
import { parseArgs } from "node:util"
import { Effect } from "effect"
import { Client } from "pg"
import { openFolder } from "../../src/infra/pglite/createPglite"
import { startPostgres } from "../support/PostgresServer"
import { Provider } from "../support/ScriptedProvider"
import { answer, pause, delta as piece } from "../support/ScriptedProvider/Script"
import { promptOf } from "../support/ScriptedProvider/Wire"
import { startServer } from "../support/ServerProcess"
import { temporaryFolder } from "../support/TemporaryFolder"
import {
  type AcknowledgedState,
  emptyState,
  mergeKilled,
  openChat,
  RequestRejected,
  register,
  rename,
  sendPrompt,
} from "./support/AcknowledgedState"
import { median, print } from "./support/Processes"
import { noFindings, verify } from "./support/verifyAcknowledged"

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { database: { type: "string", default: "embedded" } },
})
const rounds = Number(positionals[0] ?? 50)

/** Returns the answer to the prompt `<name> <deltas> <milliseconds between deltas>`: that many numbered words. */
const words = (prompt: string) => {
  const [name, count] = prompt.split(" ")
  return Array.from({ length: Number(count) }, (_, index) => `${name}.${index} `)
}
const expectedAnswer = (prompt: string) => words(prompt).join("")

/** Repeats `write` until the server is killed. Records error responses before that in `rejected`. */
const untilKilled = async (killed: () => boolean, rejected: Array<string>, write: () => Promise<unknown>) => {
  while (!killed()) {
    try {
      await write()
    } catch (cause) {
      if (!killed() || cause instanceof RequestRejected) rejected.push(String(cause))
      if (!(cause instanceof RequestRejected)) return
    }
  }
}

/** Registers the users. Returns the repeated write of each. */
const makeWriters = async (url: string, state: AcknowledgedState, round: number) => {
  const users = await Promise.all(Array.from({ length: 9 }, () => register(url, state)))
  let count = 0
  const sendPrompts = (user: (typeof users)[number], deltas: number, every: number) => async () => {
    const chat = await openChat(url, state, user)
    for (let turn = 0; turn < 3; turn++) {
      await sendPrompt(url, state, { user, chat, content: `r${round}n${count++} ${deltas} ${every}` })
    }
  }
  const [renamer, ...chatters] = users
  return [
    () => register(url, state),
    ...(renamer === undefined ? [] : [() => rename(url, renamer)]),
    // Some streams are short, some are always in progress, some end now and then.
    ...chatters.map((user, index) =>
      sendPrompts(user, [3, 5000, 60][index % 3] ?? 3, [0, 2, 10][index % 3] ?? 0),
    ),
  ]
}

const countOpenSql = "select count(*)::int as open from generations where state = 'running'"

/** Opens the database. Returns its settings, and `countOpen` for use while no server runs. */
const openDatabase = Effect.gen(function* () {
  const folder = yield* temporaryFolder
  if (values.database !== "server") {
    const countOpen = async () => {
      const database = await openFolder(`${folder}/postgres`)
      const { rows } = await database.query<{ open: number }>(countOpenSql)
      await database.close()
      return rows[0]?.open ?? Number.NaN
    }
    return { env: { DATA_DIR: folder }, countOpen }
  }
  const { url } = yield* Effect.acquireRelease(
    Effect.promise(() => startPostgres({ durable: true })),
    ({ stop }) => Effect.promise(stop),
  )
  const countOpen = async () => {
    const client = new Client(url)
    await client.connect()
    const { rows } = await client.query<{ open: number }>(countOpenSql)
    await client.end()
    return rows[0]?.open ?? Number.NaN
  }
  return { env: { DATA_DIR: folder, DATABASE_URL: url }, countOpen }
})

const program = Effect.gen(function* () {
  const provider = yield* Provider.make
  yield* provider.setResponder((request) => {
    const prompt = promptOf(request)
    const every = Number(prompt.split(" ")[2])
    const rest = every === 0 ? [] : [pause(every)]
    return answer(...words(prompt).flatMap((word) => [...rest, piece(word)]))
  })
  const { env, countOpen } = yield* openDatabase
  const settings = {
    ...env,
    OPENAI_BASE_URL: provider.url,
    DEFAULT_MODEL: "openai/scripted",
    TOKENS_LIMIT: "-1",
  }
  const findings = noFindings()
  const startTimes: Array<number> = []
  const all = emptyState()
  let last = emptyState()

  /** Starts the server again and verifies what the previous one acknowledged. */
  const restart = Effect.gen(function* () {
    const startedAt = performance.now()
    const server = yield* startServer(settings)
    startTimes.push(performance.now() - startedAt)
    yield* Effect.promise(() => verify(server.url, last, expectedAnswer, findings))
    return server
  })

  const round = Effect.fnUntraced(function* (number: number) {
    const server = yield* restart
    last = emptyState()
    let killed = false
    const writers = yield* Effect.promise(() => makeWriters(server.url, last, number))
    const done = Promise.all(writers.map((write) => untilKilled(() => killed, findings.rejected, write)))
    yield* Effect.sleep(800 + Math.random() * 2200)
    killed = true
    const killedAt = performance.now()
    server.kill("SIGKILL")
    yield* Effect.promise(() => Promise.all([server.exited, done]))
    mergeKilled(all, last, killedAt)
    print(`round ${number + 1}: ${last.prompts.length} prompts, ${findings.lost.length} lost so far`)
  }, Effect.scoped)

  for (let number = 0; number < rounds; number++) yield* round(number)
  yield* Effect.scoped(
    Effect.gen(function* () {
      const server = yield* restart
      yield* Effect.promise(() => verify(server.url, all, expectedAnswer, findings))
      server.kill("SIGTERM")
      yield* Effect.promise(() => server.exited)
    }),
  )
  const openGenerations = yield* Effect.promise(countOpen)
  const writes = all.users.length + all.chats.length + all.prompts.length
  const interrupted = all.prompts.filter(({ complete }) => !complete).length
  print(
    `${rounds} rounds: ${all.users.length} sign-ups, ${all.chats.length} chats, ${all.prompts.length} prompts`,
  )
  print(`acknowledged ${writes}, lost ${findings.lost.length} (must be 0)`)
  print(
    `streams interrupted ${interrupted}, generations left open ${openGenerations + findings.openGenerations.length} (must be 0)`,
  )
  print(`rejected while the server was running ${findings.rejected.length} (must be 0)`)
  print(
    `received but not persisted: median age ${median(findings.lostTextAges).toFixed(0)} ms, at most ${Math.max(0, ...findings.lostTextAges).toFixed(0)}`,
  )
  print(`restart ${median(startTimes).toFixed(0)} ms (median), at most ${Math.max(...startTimes).toFixed(0)}`)
  for (const finding of [...findings.lost, ...findings.openGenerations, ...findings.rejected].slice(0, 20))
    print(`  ${finding}`)
  return (
    findings.lost.length + findings.openGenerations.length + findings.rejected.length + openGenerations === 0
  )
})

process.exit((await Effect.runPromise(Effect.scoped(program))) ? 0 : 1)
