/**
 * Measures a page of 20 messages with a bearer token, on a PostgreSQL server, over 64 connections:
 * against a hand-written Bun.serve with the same query through `pg`, and with a million messages in
 * the table against ten thousand. `bun test/bench/message-page.ts [rounds]`
 */
import { Client } from "pg"
import { startPostgres } from "../support/PostgresServer"
import { load } from "./support/measureThroughput"
import { median, openChat, print, signIn, startParley, startProgram } from "./support/Processes"

const rounds = Number(process.argv[2] ?? 5)
const settings = { connections: 64, seconds: 3 }

const postgres = await startPostgres({ durable: true })
const parley = await startParley(postgres.url, "http://127.0.0.1:9/v1")
const { headers, userId } = await signIn(parley.url)
const chat = await openChat(parley.url, headers)
const database = new Client(postgres.url)
await database.connect()

/** Fills a conversation, created if absent, with messages of about 400 characters. */
const fill = (conversation: string, user: string, count: number) =>
  database.query(
    `with conversation as (
       insert into conversations (id, user_id, title, message_count, created_at)
       values ($1, $2, 'Filled', $3::int, now())
       on conflict (id) do update set message_count = $3::int returning id
     )
     insert into messages (id, conversation_id, user_id, position, role, content, created_at)
     select gen_random_uuid(), conversation.id, $2, n, case n % 2 when 0 then 'user' else 'assistant' end,
       repeat('Some words of an answer. ', 16), now() + n * interval '1 second'
     from conversation, generate_series(0, $3::int - 1) n`,
    [conversation, user, count],
  )

await fill(chat, userId, 1000)
for (let i = 0; i < 9; i++) await fill(crypto.randomUUID(), userId, 1000)
await database.query("vacuum analyze")

const program = await startProgram("test/bench/programs/messagePage.ts", {
  DATABASE_URL: postgres.url,
  USER_ID: userId,
})
const path = `/api/chats/${chat}/messages?page=3&limit=20`
const loadParley = () => load(parley.url + path, headers, settings)
const loadHandWritten = () => load(program.url + path, headers, settings)

await loadParley()
await loadHandWritten()
const ratios: Array<number> = []
const small: Array<number> = []
for (let round = 0; round < rounds; round++) {
  const [baseRate, parleyRate] = [await loadHandWritten(), await loadParley()]
  ratios.push(parleyRate / baseRate)
  small.push(parleyRate)
  print(
    `hand-written ${baseRate.toFixed(0)}/s, parley ${parleyRate.toFixed(0)}/s, ratio ${(parleyRate / baseRate).toFixed(2)}`,
  )
}
print(`median ratio ${median(ratios).toFixed(2)} (at least 0.35)`)

for (let i = 0; i < 990; i++) await fill(crypto.randomUUID(), userId, 1000)
await database.query("vacuum analyze")
const large: Array<number> = []
for (let round = 0; round < rounds; round++) large.push(await loadParley())
print(
  `10,000 messages ${median(small).toFixed(0)}/s, 1,000,000 messages ${median(large).toFixed(0)}/s: ` +
    `costs ${(median(small) / median(large)).toFixed(2)} times as much (at most 1.2)`,
)

await database.end()
await Promise.all([parley.stop(), program.stop()])
await postgres.stop()
