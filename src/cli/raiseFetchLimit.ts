/**
 * Bun lets a process have 256 requests to others under way, and each answer being written is one.
 * It reads its limit from the environment when it starts, before any code of ours. `bun start`
 * sets it; the binary begins again in its own place, with the same process id, files and
 * arguments. Imported for this alone, and before all else.
 */
const setting = "BUN_CONFIG_MAX_HTTP_REQUESTS"
const isBinary = Bun.main.startsWith("/$bunfs/")

if (isBinary && process.env[setting] === undefined) {
  process.execve?.(process.execPath, [process.execPath, ...process.argv.slice(2)], {
    ...process.env,
    [setting]: "65336",
  })
}
