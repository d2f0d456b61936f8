import { Effect } from "effect"
import { freshDatabase } from "./Database"
import { Provider } from "./ScriptedProvider"

/** Starts Parley as a separate process on a free port, from source by default; killed when the scope closes. */
export const startServer = (env: Record<string, string>, command = [process.execPath, "src/main.ts"]) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const child = Bun.spawn(command, {
        cwd: new URL("../..", import.meta.url).pathname,
        env: {
          PATH: process.env.PATH ?? "",
          LOG_FORMAT: "json",
          RATE_LIMITS: "off",
          JWT_SECRET: "a secret that only the tests know, long enough",
          LLM_MAX_RETRIES: "0",
          ...env,
          PORT: "0",
        },
        stdout: "pipe",
        stderr: "pipe",
      })
      let output = ""
      const listen = Promise.withResolvers<string>()
      const collect = async (stream: ReadableStream<Uint8Array>) => {
        const decoder = new TextDecoder()
        for await (const bytes of stream) {
          output += decoder.decode(bytes, { stream: true })
          const url = /Listening on (http:\/\/[\d.:]+)/.exec(output)?.[1]
          if (url !== undefined) listen.resolve(url)
        }
      }
      void collect(child.stdout)
      void collect(child.stderr)
      void child.exited.then(() => listen.reject(new Error(`The server exited: ${output}`)))
      const url = await listen.promise
      return {
        url,
        output: () => output,
        pid: child.pid,
        kill: (signal: NodeJS.Signals) => child.kill(signal),
        exited: child.exited,
      }
    }),
    (server) =>
      Effect.promise(() => {
        server.kill("SIGKILL")
        return server.exited
      }),
  )

/** Creates an empty database of the suite's kind. Returns the settings for a process. */
export const databaseEnv = Effect.map(
  Effect.acquireRelease(
    Effect.promise(() => freshDatabase()),
    (database) => Effect.promise(() => database.drop()),
  ),
  ({ env }) => env,
)

/** Starts a server with a scripted provider, by default on an empty database. `env` starts another like it. */
export const startWithProvider = Effect.fn(function* (settings: Record<string, string> = {}) {
  const provider = yield* Provider.make
  const database = settings.DATABASE_URL === undefined ? yield* databaseEnv : {}
  const env = { ...database, OPENAI_BASE_URL: provider.url, DEFAULT_MODEL: "openai/scripted", ...settings }
  return { provider, env, server: yield* startServer(env) }
})
