import { expect } from "bun:test"
import { join } from "node:path"
import { Cause, Effect } from "effect"
import { makeClient, TestResponse, type TestUser } from "../support/App"
import { it } from "../support/it"
import { startServer } from "../support/ServerProcess"
import { diskUnavailable, ownDisk, tmpfsDisk } from "../support/tmpfsDisk"

const megabyte = 1024 * 1024
const options = { timeout: 180_000, skipReason: diskUnavailable }

type Client = ReturnType<typeof makeClient>

const start = (folder: string) =>
  Effect.map(
    startServer({ DATA_DIR: join(folder, "data"), DATABASE_URL: "", TOKENS_LIMIT: "-1" }),
    (server) => ({
      server,
      client: makeClient(server.url),
    }),
  )

/** Creates a chat and sends a prompt of 80 kilobytes. Returns the chat once the prompt is stored, or the rejection. */
const sendPrompt = (client: Client, person: TestUser) =>
  Effect.gen(function* () {
    const response = yield* client.request("POST", "/api/chats", { token: person.token, body: {} })
    if (response.status !== 201) return { rejection: response }
    const chat = response.at("data.chat.id")
    const prompt = crypto.getRandomValues(new Uint8Array(40_000)).toHex()
    const stream = yield* client.requestStream("GET", client.streamPath(chat, prompt), {
      token: person.token,
    })
    if (stream.status !== 200) {
      const text = yield* Effect.promise(() => stream.text())
      return { rejection: new TestResponse(stream.status, stream.headers, text) }
    }
    // The prompt is stored; the answer may have to wait for disk space.
    yield* Effect.promise(async () => stream.body?.getReader().read())
    return { chat }
  })

/** Sends prompts until one is rejected. Returns the acknowledged chats and the rejection. */
const sendUntilRejected = Effect.fnUntraced(function* (client: Client, person: TestUser) {
  const chats: Array<string> = []
  for (;;) {
    const result = yield* sendPrompt(client, person)
    if (result.rejection !== undefined) return { chats, rejection: result.rejection }
    if (result.chat !== undefined) chats.push(result.chat)
  }
})

const chatsOf = (client: Client, { token }: TestUser) =>
  Effect.map(client.request("GET", "/api/chats", { token }), ({ json }) =>
    (json as { data: Array<{ id: string }> }).data.map(({ id }) => id),
  )

it.live(
  "A server on a full disk rejects writes, serves reads, and accepts writes again once there is space",
  () =>
    Effect.gen(function* () {
      const disk = yield* tmpfsDisk(128)
      const { client, server } = yield* start(disk.folder)
      const person = yield* client.newUser()
      yield* sendPrompt(client, person)
      yield* disk.fillLeaving(30 * megabyte)
      const { chats, rejection } = yield* sendUntilRejected(client, person)
      expect([rejection.status, rejection.headers.get("retry-after")]).toEqual([503, "5"])
      expect(rejection.json).toMatchObject({ statusCode: 503, code: "DATABASE_UNAVAILABLE" })
      expect(yield* chatsOf(client, person)).toEqual(expect.arrayContaining(chats))
      expect((yield* client.request("GET", "/api/auth/me", { token: person.token })).status).toBe(200)

      yield* disk.free
      yield* sendPrompt(client, person).pipe(
        Effect.delay("100 millis"),
        Effect.repeat({ until: ({ chat }) => chat !== undefined }),
      )
      server.kill("SIGKILL")
      yield* Effect.promise(() => server.exited)
      const restarted = yield* start(disk.folder)
      expect(yield* chatsOf(restarted.client, person)).toEqual(expect.arrayContaining(chats))
      expect((yield* sendPrompt(restarted.client, person)).chat).toBeDefined()
    }),
  options,
)

it.live(
  "A server whose disk suddenly fills up exits with an error, and its data is intact afterwards",
  () =>
    Effect.gen(function* () {
      const disk = yield* tmpfsDisk(256)
      const first = yield* start(disk.folder)
      const person = yield* first.client.newUser()
      yield* sendPrompt(first.client, person)
      const before = yield* chatsOf(first.client, person)
      first.server.kill("SIGTERM")
      yield* Effect.promise(() => first.server.exited)
      // The write-ahead log has no room for a further segment, which no check of free space can foresee.
      const log = yield* ownDisk(join(disk.folder, "data", "postgres", "pg_wal"), 8)
      const { client, server } = yield* start(disk.folder)
      const writing = Effect.forever(Effect.ignore(Effect.sandbox(sendPrompt(client, person))))
      const code = yield* Effect.raceFirst(
        Effect.promise(() => server.exited),
        Effect.all([writing, writing, writing, writing], { concurrency: "unbounded" }),
      )
      expect(code).toBe(1)
      expect(server.output()).toContain("Embedded database failed, exiting")
      expect(server.output()).toContain("No space left on device")
      yield* disk.fillLeaving(0)
      const failure = Cause.squash(yield* Effect.flip(Effect.sandbox(start(disk.folder))))
      expect(String(failure)).toMatch(
        /parley: DATA_DIR: the folder .* cannot be used: (the disk is full|its disk has \d+ MB left)/,
      )
      yield* disk.free
      yield* log.grow
      const again = yield* start(disk.folder)
      expect(yield* chatsOf(again.client, person)).toEqual(expect.arrayContaining(before))
      expect((yield* sendPrompt(again.client, person)).chat).toBeDefined()
    }),
  options,
)
