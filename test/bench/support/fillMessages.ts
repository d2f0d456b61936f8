/** Terms that occur in one of `every` messages of each user. */
const rareTerms: ReadonlyArray<readonly [every: number, words: string]> = [
  [10, "deployment"],
  [100, "threshold"],
  [200, "pagination"],
  [1000, "100% sure_thing"],
  [1000, "Привет, ёжик"],
  [1000, "日本語の勉強"],
  [10_000, "zephyrine qxj"],
]

/** A term in every tenth message of the large user, and in every thousandth of the small one. */
const userSpecificTerm = "quarterly"

/** A term in every tenth message of the older half only. */
const oldTerm = "millennium"

const commonWords =
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
/** Returns a pseudo-random integer below `max`; the sequence is the same in every run. */
const randomBelow = (max: number) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return Math.floor((state / 2 ** 32) * max)
}

/** Returns text with a natural word distribution: a few frequent words and many rare ones. */
const randomText = (length: number, extraWords: ReadonlyArray<string>) => {
  const words = Array.from(
    { length },
    () => commonWords[Math.floor(commonWords.length * (randomBelow(1000) / 1000) ** 2)],
  )
  const rareWord = Array.from({ length: 4 }, () => syllables[randomBelow(syllables.length)]).join("")
  words.splice(randomBelow(length), 0, rareWord, ...extraWords)
  return words.join(" ")
}

/** Returns the words of rareTerms that the `nth` text contains. */
const rareTermsOf = (nth: number) =>
  rareTerms.flatMap(([every, words]) => (nth % every === 7 % every ? [words] : []))

type Query = (text: string, values?: Array<unknown>) => Promise<unknown>

const disableIndexes = async (query: Query, tables: ReadonlyArray<string>) => {
  for (const setting of [
    "session_replication_role = replica",
    "synchronous_commit = off",
    "maintenance_work_mem = '512MB'",
    "min_parallel_table_scan_size = 0",
  ])
    await query(`set ${setting}`)
  await query("update pg_index set indisready = false where indrelid = any($1::text[]::regclass[])", [tables])
}

const rebuildIndexes = async (query: Query, tables: ReadonlyArray<string>) => {
  for (const table of tables) await query(`reindex table ${table}`)
  await query(`vacuum (analyze) ${tables.join(", ")}`)
}

/** A user with this many conversations. */
interface BenchUser {
  readonly userId: string
  readonly conversations: number
}

const MESSAGE_INTERVAL_MS = 20_000
const CONVERSATION_INTERVAL_MS = 3_600_000

/**
 * Inserts the conversations of a large and a small user, interleaved in time: one every hour until
 * now. Indexes are rebuilt afterwards.
 */
export const fill = async (
  query: Query,
  large: BenchUser,
  small: BenchUser,
  messagesPerConversation = 100,
) => {
  const tables = ["conversations", "messages"]
  await disableIndexes(query, tables)
  const total = large.conversations + small.conversations
  const startTime = Date.now() - total * CONVERSATION_INTERVAL_MS
  const conversationCounts = new Map([
    [large, 0],
    [small, 0],
  ])
  for (let first = 0; first < total; first += 50) {
    const rows = Array.from({ length: Math.min(50, total - first) }, (_, n) => {
      const turn = first + n
      const isSmallUsers =
        turn % Math.floor(total / small.conversations) === 7 &&
        conversationCounts.get(small) !== small.conversations
      const user = isSmallUsers ? small : large
      const nth = conversationCounts.get(user) ?? 0
      conversationCounts.set(user, nth + 1)
      return { user, turn, nth, at: startTime + turn * CONVERSATION_INTERVAL_MS }
    })
    const titles = rows.map(({ user, nth }) =>
      randomText(3 + randomBelow(4), [
        ...rareTermsOf(nth),
        ...(nth % (user.conversations / 5) === 3 ? ["invoice"] : []),
      ]),
    )
    const messages = rows.flatMap(({ user, turn, nth, at }) =>
      Array.from({ length: messagesPerConversation }, (_, position) => {
        const count = nth * messagesPerConversation + position
        const terms = rareTermsOf(count)
        if (count % (user === large ? 10 : 1000) === 3) terms.push(userSpecificTerm)
        if (turn < total / 2 && count % 10 === 5) terms.push(oldTerm)
        const length = position % 2 === 0 ? 5 + randomBelow(12) : 15 + randomBelow(30)
        const id = Bun.randomUUIDv7("hex", at + position * MESSAGE_INTERVAL_MS)
        return { id, content: randomText(length, terms) }
      }),
    )
    await query(
      `with source as (
         select turn, c.id, c.user_id, c.at, title
         from unnest($1::int[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::text[]) c(turn, id, user_id, at, title)
       ), conversation as (
         insert into conversations
           (id, user_id, title, folder_id, is_archived, is_pinned, message_count, last_message_at, created_at)
         select id, user_id, title, case when turn % 3 = 0 then 'work' end, turn % 4 = 0, turn % 2000 = 11,
           ${messagesPerConversation}, at + ${messagesPerConversation} * interval '20 s', at
         from source
       )
       insert into messages (id, conversation_id, user_id, position, role, content, created_at)
       select m.id, source.id, source.user_id, position, case position % 2 when 0 then 'user' else 'assistant' end,
         m.content, source.at + position * interval '20 s'
       from unnest($6::uuid[], $7::text[]) with ordinality m(id, content, n)
       cross join lateral (select (m.n - 1)::int % ${messagesPerConversation} as position) place
       join source on source.turn = ${first} + (m.n - 1) / ${messagesPerConversation}`,
      [
        rows.map(({ turn }) => turn),
        rows.map(({ at }) => Bun.randomUUIDv7("hex", at)),
        rows.map(({ user }) => user.userId),
        rows.map(({ at }) => new Date(at).toISOString()),
        titles,
        messages.map(({ id }) => id),
        messages.map(({ content }) => content),
      ],
    )
  }
  await rebuildIndexes(query, tables)
}

/** Inserts documents and files of a user: one of each every hour until now, every tenth document a long one. */
export const fillLibrary = async (query: Query, userId: string, count: number) => {
  const tables = ["documents", "files"]
  await disableIndexes(query, tables)
  const startTime = Date.now() - count * CONVERSATION_INTERVAL_MS
  for (let first = 0; first < count; first += 500) {
    const rows = Array.from({ length: Math.min(500, count - first) }, (_, n) => {
      const at = startTime + (first + n) * CONVERSATION_INTERVAL_MS
      const terms = rareTermsOf(first + n)
      return {
        id: Bun.randomUUIDv7("hex", at),
        at: new Date(at).toISOString(),
        title: randomText(3 + randomBelow(4), terms),
        content: randomText((first + n) % 10 === 0 ? 1000 : 100, terms),
        fileName: `${randomText(2 + randomBelow(4), terms)}.pdf`,
      }
    })
    await query(
      `with source as (
         select * from unnest($2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::text[])
           as source(id, at, title, content, file_name)
       ), document as (
         insert into documents (id, user_id, title, content, type, tags, created_at, updated_at)
         select id, $1, title, content, 'text', '{}', at, at from source
       )
       insert into files (id, owner_id, name, media_type, size, created_at)
       select id, $1, file_name, 'application/pdf', 1, at from source`,
      [
        userId,
        rows.map(({ id }) => id),
        rows.map(({ at }) => at),
        rows.map(({ title }) => title),
        rows.map(({ content }) => content),
        rows.map(({ fileName }) => fileName),
      ],
    )
  }
  await rebuildIndexes(query, tables)
}
