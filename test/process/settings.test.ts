import { expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../support/it"
import { temporaryFolder } from "../tooling/Process"

it.live(
  "A wrong setting ends the start with one sentence that names it",
  () =>
    Effect.forEach(
      [
        ["PORT", "99999"],
        ["RATE_LIMITS", "maybe"],
        ["LOG_LEVEL", "loud"],
        ["PUBLIC_URL", "nowhere"],
        ["DRAIN_TIMEOUT", "soon"],
        ["TOKENS_LIMIT", "-5"],
        ["MODELS_TTL", "0 seconds"],
        ["OPENAI_BASE_URL", "x"],
      ] as const,
      ([name, value]) =>
        Effect.scoped(
          Effect.flatMap(temporaryFolder, (folder) =>
            Effect.promise(async () => {
              const child = Bun.spawn([process.execPath, "src/main.ts"], {
                cwd: new URL("../..", import.meta.url).pathname,
                env: { PATH: process.env.PATH ?? "", DATA_DIR: folder, PORT: "0", [name]: value },
                stdout: "pipe",
                stderr: "pipe",
              })
              const told = (await new Response(child.stderr).text()).trim()
              expect([name, told]).toEqual([
                name,
                expect.stringMatching(new RegExp(`^parley: ${name}[^\\n]*$`)),
              ])
              expect(await child.exited).toBe(1)
            }),
          ),
        ),
      { concurrency: 2 },
    ),
  { timeout: 60_000 },
)
