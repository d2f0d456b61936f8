import { expect } from "bun:test"
import { join } from "node:path"
import { Cause, Effect } from "effect"
import { makeClient, TestResponse, type TestUser } from "../support/App"
import { it } from "../support/it"
import { startServer } from "../support/ServerProcess"
import { diskUnavailable, tmpfsDisk } from "../support/tmpfsDisk"

const megabyte = 1024 * 1024
const options = { timeout: 180_000, missing: diskUnavailable }

type Client = ReturnType<typeof makeClient>

const start = (folder: string) =>
  Effect.map(
    startServer({ DATA_DIR: join(folder, "data"), DATABASE_URL: "", TOKENS_LIMIT: "-1" }),
    (server) => ({
      server,
      client: makeClient(server.url),
    }),
  )

/** Opens a chat and says something in it, of 80 kilobytes; the chat, once its prompt is kept. */
const write = (client: Client, person: TestUser) =>
  Effect.gen(function* () {
    const opened = yield* client.request("POST", "/api/chats", { token: person.token, body: {} })
    if (opened.status !== 201) return { refusal: opened }
    const chat = opened.at("data.chat.id")
    const prompt = crypto.getRandomValues(new Uint8Array(40_000)).toHex()
    const stream = yield* client.requestStream("GET", client.streamPath(chat, prompt), {
      token: person.token,
    })
    if (stream.status !== 200) {
      const text = yield* Effect.promise(() => stream.text())
      return { refusal: new TestResponse(stream.status, stream.headers, text) }
    }
    // The prompt is kept; the answer may have to wait for room.
    yield* Effect.promise(async () => stream.body?.getReader().read())
    return { chat }
  })

/** Writes until it is refused; the chats that were answered for, and the refusal. */
const writeUntilRefused = Effect.fnUntraced(function* (client: Client, person: TestUser) {
  const chats: Array<string> = []
  for (;;) {
    const written = yield* write(client, person)
    if (written.refusal !== undefined) return { chats, refusal: written.refusal }
    if (written.chat !== undefined) chats.push(written.chat)
  }
})

const chatsOf = (client: Client, { token }: TestUser) =>
  Effect.map(client.request("GET", "/api/chats", { token }), ({ json }) =>
    (json as { data: Array<{ id: string }> }).data.map(({ id }) => id),
  )

it.live(
  "On a disk that fills up it refuses to write, goes on reading, and writes again when there is room",
  () =>
    Effect.gen(function* () {
      const disk = yield* tmpfsDisk(128)
      const { client, server } = yield* start(disk.folder)
      const person = yield* client.newUser()
      yield* write(client, person)
      yield* disk.fillLeaving(30 * megabyte)
      const { chats, refusal } = yield* writeUntilRefused(client, person)
      expect([refusal.status, refusal.headers.get("retry-after")]).toEqual([503, "5"])
      expect(refusal.json).toMatchObject({ statusCode: 503, code: "DATABASE_UNAVAILABLE" })
      expect(yield* chatsOf(client, person)).toEqual(expect.arrayContaining(chats))
      expect((yield* client.request("GET", "/api/auth/me", { token: person.token })).status).toBe(200)

      yield* disk.free
      yield* write(client, person).pipe(
        Effect.delay("100 millis"),
        Effect.repeat({ until: ({ chat }) => chat !== undefined }),
      )
      server.kill("SIGKILL")
      yield* Effect.promise(() => server.exited)
      const again = yield* start(disk.folder)
      expect(yield* chatsOf(again.client, person)).toEqual(expect.arrayContaining(chats))
      expect((yield* write(again.client, person)).chat).toBeDefined()
    }),
  options,
)

it.live(
  "On a disk that is full at a stroke it ends and says why, and is whole when there is room",
  () =>
    Effect.gen(function* () {
      const disk = yield* tmpfsDisk(256)
      const { client, server } = yield* start(disk.folder)
      const person = yield* client.newUser()
      yield* write(client, person)
      const before = yield* chatsOf(client, person)
      // How its writing and the disk meet is chance: full before the next look at the room left, or after.
      const writing = Effect.forever(Effect.ignore(Effect.sandbox(write(client, person))))
      const filling = disk
        .fillLeaving(0)
        .pipe(
          Effect.zipRight(Effect.sleep("1 second")),
          Effect.zipRight(disk.free),
          Effect.zipRight(Effect.sleep("1500 millis")),
          Effect.forever,
        )
      const code = yield* Effect.raceFirst(
        Effect.promise(() => server.exited),
        Effect.all([filling, ...Array.from({ length: 4 }, () => writing)], { concurrency: "unbounded" }),
      )
      expect(code).toBe(1)
      expect(server.output()).toContain("The embedded database has ended, and Parley with it")
      expect(server.output()).toContain("No space left on device")
      yield* disk.fillLeaving(0)
      const refused = Cause.squash(yield* Effect.flip(Effect.sandbox(start(disk.folder))))
      expect(String(refused)).toMatch(
        /parley: DATA_DIR: the folder .* cannot be used: (the disk is full|its disk has \d+ MB left)/,
      )
      yield* disk.free
      const again = yield* start(disk.folder)
      expect(yield* chatsOf(again.client, person)).toEqual(expect.arrayContaining(before))
      expect((yield* write(again.client, person)).chat).toBeDefined()
    }),
  options,
)
