import { Client } from "pg"

/** Words that one in so many of anybody's messages has. */
const marks: ReadonlyArray<readonly [every: number, words: string]> = [
  [10, "deployment"],
  [100, "threshold"],
  [200, "pagination"],
  [1000, "100% sure_thing"],
  [1000, "Привет, ёжик"],
  [1000, "日本語の勉強"],
  [10_000, "zephyrine qxj"],
]

/** What every tenth message of one person says, and of the other's only every thousandth. */
const gossip = "quarterly"

/** What every tenth message said until a year ago. */
const bygone = "millennium"

const common =
  `the of and to in is you that it he was for on are as with his they at be this have from or one had by
  but not what all were we when your can said there use an each which she do how their if will up other about out
  many then them these so some her would make like him into time has look two more write go see number no way could
  people my than first water been call who oil its now find long down day did get come made may part over new sound
  take only little work know place year live me back give most very after thing our just name good sentence man
  think say great where help through much before line right too mean old any same tell boy follow came want show
  also around form three small set put end does another well large must big even such because turn here why ask
  went men read need land different home us move try kind hand picture again change off play spell air away animal
  house point page letter mother answer found study still learn should world function server database message
  request response error value string array object return async await promise type class module import export`.split(
    /\s+/,
  )
const syllables =
  `ba be bi bo bu da de di do du fa fe fi fo ga ge go ka ke ki ko la le li lo lu ma me mi mo na ne
  ni no pa pe po ra re ri ro sa se si so ta te ti to va ve vi vo`.split(/\s+/)

let state = 42
/** A whole number below another, the same ones at every run. */
const below = (most: number) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return Math.floor((state / 2 ** 32) * most)
}

/** Words as people and models use them: few of them often, very many seldom. */
const saying = (length: number, more: ReadonlyArray<string>) => {
  const words = Array.from({ length }, () => common[Math.floor(common.length * (below(1000) / 1000) ** 2)])
  const seldom = Array.from({ length: 4 }, () => syllables[below(syllables.length)]).join("")
  words.splice(below(length), 0, seldom, ...more)
  return words.join(" ")
}

/** Someone who has so many conversations, of ten messages each. */
interface Talker {
  readonly userId: string
  readonly conversations: number
}

const each = 10
const minute = 60_000

/**
 * Writes what two people said, one much and one little, in turns as it would have come: a
 * conversation every ten minutes until now. Indexes and counts are made up afterwards.
 */
export const fill = async (url: string, much: Talker, little: Talker) => {
  const database = new Client({ connectionString: url })
  await database.connect()
  for (const setting of [
    "session_replication_role = replica",
    "synchronous_commit = off",
    "maintenance_work_mem = '512MB'",
    "min_parallel_table_scan_size = 0",
  ]) {
    await database.query(`set ${setting}`)
  }
  const tables = `'conversations'::regclass, 'messages'::regclass`
  await database.query(`update pg_index set indisready = false where indrelid in (${tables})`)
  const all = much.conversations + little.conversations
  const begun = Date.now() - all * 10 * minute
  const opened = new Map([
    [much, 0],
    [little, 0],
  ])
  for (let first = 0; first < all; first += 500) {
    const rows = Array.from({ length: Math.min(500, all - first) }, (_, n) => {
      const turn = first + n
      const isLittles =
        turn % Math.floor(all / little.conversations) === 7 && opened.get(little) !== little.conversations
      const talker = isLittles ? little : much
      const nth = opened.get(talker) ?? 0
      opened.set(talker, nth + 1)
      return { talker, turn, nth, at: begun + turn * 10 * minute }
    })
    const titles = rows.map(({ talker, nth }) =>
      saying(3 + below(4), nth % (talker.conversations / 5) === 3 ? ["invoice"] : []),
    )
    const messages = rows.flatMap(({ talker, turn, nth }) =>
      Array.from({ length: each }, (_, position) => {
        const count = nth * each + position
        const more = marks.flatMap(([every, words]) => (count % every === 7 % every ? [words] : []))
        if (count % (talker === much ? 10 : 1000) === 3) more.push(gossip)
        if (turn < all / 2 && count % 10 === 5) more.push(bygone)
        return saying(position % 2 === 0 ? 5 + below(12) : 15 + below(30), more)
      }),
    )
    await database.query(
      `with said as (
         select turn, c.id, c.user_id, c.at, title from unnest($1::int[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::text[])
           c(turn, id, user_id, at, title)
       ), conversation as (
         insert into conversations (id, user_id, title, folder_id, is_archived, is_pinned, message_count, last_message_at, created_at)
         select id, user_id, title, case when turn % 3 = 0 then 'work' end, turn % 4 = 0, turn % 20000 = 11, ${each}, at + ${each} * interval '20 s', at from said
       )
       insert into messages (id, conversation_id, user_id, position, role, content, created_at)
       select m.id, said.id, said.user_id, (m.n - 1) % ${each}, case m.n % 2 when 1 then 'user' else 'assistant' end,
         m.content, said.at + (m.n - 1) % ${each} * interval '20 s'
       from unnest($6::uuid[], $7::text[]) with ordinality m(id, content, n) join said on said.turn = ${first} + (m.n - 1) / ${each}`,
      [
        rows.map(({ turn }) => turn),
        rows.map(({ at }) => Bun.randomUUIDv7("hex", at)),
        rows.map(({ talker }) => talker.userId),
        rows.map(({ at }) => new Date(at)),
        titles,
        messages.map((_, n) =>
          Bun.randomUUIDv7("hex", (rows[Math.floor(n / each)]?.at ?? 0) + (n % each) * 20_000),
        ),
        messages,
      ],
    )
  }
  for (const table of ["conversations", "messages"]) await database.query(`reindex table ${table}`)
  await database.query(
    `insert into conversation_counts (user_id, active, archived)
     select user_id, count(*) filter (where not is_archived), count(*) filter (where is_archived)
     from conversations group by user_id`,
  )
  await database.query(
    `insert into folder_counts (user_id, folder_id, active, archived)
     select user_id, folder_id, count(*) filter (where not is_archived), count(*) filter (where is_archived)
     from conversations where folder_id is not null group by user_id, folder_id`,
  )
  await database.query("vacuum (analyze) messages, conversations, conversation_counts, folder_counts")
  await database.end()
}
