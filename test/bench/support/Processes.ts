import { readFileSync } from "node:fs"
import { createServer } from "node:net"

const root = new URL("../../..", import.meta.url).pathname

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0))
    })
  })

/** A measured server process. */
export interface MeasuredServer {
  readonly url: string
  readonly pid: number
  /** CPU time so far, user and system, in milliseconds. */
  readonly cpu: () => number
  /** Resident memory, in bytes. */
  readonly memory: () => number
  readonly stop: () => Promise<void>
}

/** Starts a Bun program that listens on `PORT`, and waits until `path` responds. */
export const startProgram = async (
  program: string,
  env: Record<string, string>,
  path = "/",
): Promise<MeasuredServer> => {
  const port = await freePort()
  const child = Bun.spawn([process.execPath, program], {
    cwd: root,
    env: { PATH: process.env.PATH ?? "", LOG_LEVEL: "WARN", ...env, PORT: String(port) },
    stdout: "ignore",
    stderr: "inherit",
  })
  process.on("exit", () => child.kill())
  const url = `http://127.0.0.1:${port}`
  for (let tries = 0; ; tries++) {
    const response = await fetch(url + path).catch(() => undefined)
    if (response !== undefined) break
    if (tries > 1200 || child.exitCode !== null)
      throw new Error(`${program} did not start (${child.exitCode}, ${tries} tries)`)
    await Bun.sleep(50)
  }
  const ticks = () => {
    const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? []
    return (Number(fields[11]) + Number(fields[12])) * 10
  }
  const memory = () =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]) * 1024
  return {
    url,
    pid: child.pid,
    cpu: ticks,
    memory,
    stop: async () => {
      child.kill("SIGTERM")
      await child.exited
    },
  }
}

/** Starts Parley on a database server with the scripted provider and without rate or token limits. */
export const startParley = (databaseUrl: string, provider: string, env: Record<string, string> = {}) =>
  startProgram(
    "src/main.ts",
    {
      DATABASE_URL: databaseUrl,
      OPENAI_BASE_URL: provider,
      DEFAULT_MODEL: "openai/scripted",
      JWT_SECRET: "a secret that only benchmarks know, long enough",
      RATE_LIMITS: "off",
      TOKENS_LIMIT: "-1",
      ...env,
    },
    "/api/health",
  )

/** Starts the scripted provider in a separate process with the arguments that it documents. */
export const startProvider = async (...args: ReadonlyArray<string>) => {
  const child = Bun.spawn([process.execPath, "test/support/ScriptedProvider.ts", ...args], {
    cwd: root,
    stdout: "pipe",
  })
  process.on("exit", () => child.kill())
  const reader = child.stdout.getReader()
  const { value } = await reader.read()
  const url = new TextDecoder().decode(value).trim()
  return {
    url,
    stop: async () => {
      child.kill()
      await child.exited
    },
  }
}

/** Registers and signs in a user. Returns the bearer header. */
export const signIn = async (url: string, email = `${crypto.randomUUID()}@example.com`) => {
  const body = { email, password: "yourPassword", fullName: "Bench" }
  const post = (path: string) =>
    fetch(url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    })
  await post("/api/auth/signup")
  const { data } = (await (await post("/api/auth/signin")).json()) as {
    data: { accessToken: string; user: { id: string } }
  }
  return { userId: data.user.id, headers: { authorization: `Bearer ${data.accessToken}` } }
}

/** Creates a chat. The caller must not have an empty one, which would be returned instead. */
export const openChat = async (url: string, headers: Record<string, string>) => {
  const response = await fetch(`${url}/api/chats`, { method: "POST", headers })
  const { data } = (await response.json()) as { data: { chat: { id: string } } }
  return data.chat.id
}

export const median = (values: ReadonlyArray<number>) => percentile(values, 50)

export const percentile = (values: ReadonlyArray<number>, percent: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN
}

export const print = (line: string) => process.stdout.write(`${line}\n`)
