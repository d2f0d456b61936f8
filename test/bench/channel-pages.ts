/**
 * Measures a page of 50 messages of a channel with a million messages against one with a thousand, on a PostgreSQL
 * server: the first page and one in the middle, in turns. `bun test/bench/channel-pages.ts [rounds]`
 */
import { Client } from "pg"
import { startPostgres } from "../support/PostgresServer"
import { median, print, signIn, startParley } from "./support/Processes"

const rounds = Number(process.argv[2] ?? 400)

const postgres = await startPostgres()
const parley = await startParley(postgres.url, "http://127.0.0.1:9/v1")
const { headers, userId } = await signIn(parley.url)
const database = new Client(postgres.url)
await database.connect()

/** Creates a channel with messages of about 100 characters. */
const newChannel = async (count: number) => {
  const response = await fetch(`${parley.url}/v1/channels`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ name: `${count} messages` }),
  })
  const { data } = (await response.json()) as { data: { id: string } }
  await database.query(
    `insert into posts (id, channel_id, position, author_id, content, created_at)
     select gen_random_uuid(), $1, n, $2, repeat('Some words ', 9), now() - ($3::int - n) * interval '1 second'
     from generate_series(1, $3::int) n`,
    [data.id, userId, count],
  )
  await database.query("update channels set post_count = $2, last_position = $2 where id = $1", [
    data.id,
    count,
  ])
  return data.id
}

const [large, small] = [await newChannel(1_000_000), await newChannel(1000)]
await database.query("vacuum analyze")
await database.end()

const read = async (channel: string, page: number) => {
  const startedAt = performance.now()
  const response = await fetch(`${parley.url}/v1/channels/${channel}/messages?per_page=50&page=${page}`, {
    headers,
  })
  const { data } = (await response.json()) as { data: ReadonlyArray<unknown> }
  if (data.length !== 50) throw new Error(`A page has ${data.length} messages`)
  return performance.now() - startedAt
}

for (const [name, largePage, smallPage] of [
  ["first page", 1, 1],
  ["page in the middle", 10_000, 10],
] as const) {
  const times: { large: Array<number>; small: Array<number> } = { large: [], small: [] }
  for (let round = -50; round < rounds; round++) {
    const [inLarge, inSmall] = [await read(large, largePage), await read(small, smallPage)]
    if (round < 0) continue
    times.large.push(inLarge)
    times.small.push(inSmall)
  }
  const [inLarge, inSmall] = [median(times.large), median(times.small)]
  print(
    `${name}: ${inLarge.toFixed(2)} ms of 1,000,000, ${inSmall.toFixed(2)} ms of 1,000, ratio ${(inLarge / inSmall).toFixed(2)} (at most 1.2)`,
  )
}
await parley.stop()
await postgres.stop()
process.exit(0)
