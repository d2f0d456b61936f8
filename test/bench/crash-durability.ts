/**
 * A server that is killed in the midst of writing, again and again, on one database: what it had
 * acknowledged must be there when it is back, and no run be left open.
 * `bun test/bench/kills.ts [rounds] [--database embedded|server]`
 */
import { parseArgs } from "node:util"
import { Effect } from "effect"
import { Client } from "pg"
import { openFolder } from "../../src/infra/pglite/Pglite"
import { startPostgres } from "../support/PostgresServer"
import { Provider } from "../support/Provider"
import { answer, pause, delta as piece } from "../support/Provider/Script"
import { promptOf } from "../support/Provider/Wire"
import { startServer } from "../support/ServerProcess"
import { temporaryFolder } from "../support/TemporaryFolder"
import {
  type Acknowledged,
  addKilled,
  nothingYet,
  openChat,
  Refused,
  register,
  rename,
  say,
} from "./support/AckedState"
import { median, print } from "./support/Processes"
import { noFindings, verify } from "./support/Verify"

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { database: { type: "string", default: "embedded" } },
})
const rounds = Number(positionals[0] ?? 50)

/** `<name> <deltas> <milliseconds between two>` is answered with as many numbered words. */
const words = (prompt: string) => {
  const [name, count] = prompt.split(" ")
  return Array.from({ length: Number(count) }, (_, index) => `${name}.${index} `)
}
const whole = (prompt: string) => words(prompt).join("")

/** Writes until it is killed; an answer other than yes is a finding of its own. */
const untilKilled = async (killed: () => boolean, refused: Array<string>, work: () => Promise<unknown>) => {
  while (!killed()) {
    try {
      await work()
    } catch (cause) {
      if (!killed() || cause instanceof Refused) refused.push(String(cause))
      if (!(cause instanceof Refused)) return
    }
  }
}

/** Sets everyone to work, and gives the work of each. */
const writers = async (url: string, ledger: Acknowledged, round: number) => {
  const crowd = await Promise.all(Array.from({ length: 9 }, () => register(url, ledger)))
  let count = 0
  const talk = (person: (typeof crowd)[number], deltas: number, every: number) => async () => {
    const chat = await openChat(url, ledger, person)
    for (let turn = 0; turn < 3; turn++) {
      await say(url, ledger, { person, chat, content: `r${round}n${count++} ${deltas} ${every}` })
    }
  }
  const [namer, ...talkers] = crowd
  return [
    () => register(url, ledger),
    ...(namer === undefined ? [] : [() => rename(url, namer)]),
    // Some say little and are soon done, some are always in the midst of it, some end now and again.
    ...talkers.map((person, index) =>
      talk(person, [3, 5000, 60][index % 3] ?? 3, [0, 2, 10][index % 3] ?? 0),
    ),
  ]
}

const openRuns = "select count(*)::int as open from generations where state = 'running'"

/** The database, as settings and as what can be asked of it when no server runs. */
const place = Effect.gen(function* () {
  const folder = yield* temporaryFolder
  if (values.database !== "server") {
    const countOpen = async () => {
      const database = await openFolder(`${folder}/postgres`)
      const { rows } = await database.query<{ open: number }>(openRuns)
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
    const { rows } = await client.query<{ open: number }>(openRuns)
    await client.end()
    return rows[0]?.open ?? Number.NaN
  }
  return { env: { DATA_DIR: folder, DATABASE_URL: url }, countOpen }
})

const program = Effect.gen(function* () {
  const provider = yield* Provider.make
  yield* provider.answering((request) => {
    const prompt = promptOf(request)
    const every = Number(prompt.split(" ")[2])
    const rest = every === 0 ? [] : [pause(every)]
    return answer(...words(prompt).flatMap((word) => [...rest, piece(word)]))
  })
  const { env, countOpen } = yield* place
  const settings = {
    ...env,
    OPENAI_BASE_URL: provider.url,
    DEFAULT_MODEL: "openai/scripted",
    TOKENS_LIMIT: "-1",
  }
  const found = noFindings()
  const startTimes: Array<number> = []
  const all = nothingYet()
  let last = nothingYet()

  /** The server again, and a look at whether it knows what its predecessor said yes to. */
  const restart = Effect.gen(function* () {
    const began = performance.now()
    const server = yield* startServer(settings)
    startTimes.push(performance.now() - began)
    yield* Effect.promise(() => verify(server.url, last, whole, found))
    return server
  })

  const round = Effect.fnUntraced(function* (number: number) {
    const server = yield* restart
    last = nothingYet()
    let killed = false
    const work = yield* Effect.promise(() => writers(server.url, last, number))
    const done = Promise.all(work.map((one) => untilKilled(() => killed, found.refused, one)))
    yield* Effect.sleep(800 + Math.random() * 2200)
    killed = true
    const killedAt = performance.now()
    server.kill("SIGKILL")
    yield* Effect.promise(() => Promise.all([server.exited, done]))
    addKilled(all, last, killedAt)
    print(`round ${number + 1}: ${last.said.length} prompts, ${found.lost.length} lost so far`)
  }, Effect.scoped)

  for (let number = 0; number < rounds; number++) yield* round(number)
  yield* Effect.scoped(
    Effect.gen(function* () {
      const server = yield* restart
      yield* Effect.promise(() => verify(server.url, all, whole, found))
      server.kill("SIGTERM")
      yield* Effect.promise(() => server.exited)
    }),
  )
  const openRuns = yield* Effect.promise(countOpen)
  const writes = all.people.length + all.chats.length + all.said.length
  const cutShort = all.said.filter(({ whole }) => !whole).length
  print(
    `${rounds} rounds: ${all.people.length} sign-ups, ${all.chats.length} chats, ${all.said.length} prompts`,
  )
  print(`acknowledged ${writes}, lost ${found.lost.length} (must be 0)`)
  print(`streams killed in the midst ${cutShort}, runs left open ${openRuns + found.open.length} (must be 0)`)
  print(`refused while all was well ${found.refused.length} (must be 0)`)
  print(
    `seen and not written down yet: for ${median(found.forgotten).toFixed(0)} ms, at most ${Math.max(0, ...found.forgotten).toFixed(0)}`,
  )
  print(`restart ${median(startTimes).toFixed(0)} ms (median), at most ${Math.max(...startTimes).toFixed(0)}`)
  for (const what of [...found.lost, ...found.open, ...found.refused].slice(0, 20)) print(`  ${what}`)
  return found.lost.length + found.open.length + found.refused.length + openRuns === 0
})

process.exit((await Effect.runPromise(Effect.scoped(program))) ? 0 : 1)
