/**
 * Raises the limit of concurrent outgoing requests, which is 256 by default; every running generation
 * is one. Bun reads the limit from the environment at process start, before any code runs. `bun start`
 * sets it; the executable replaces itself by `execve`, keeping process id, open files and arguments.
 * Imported for this side effect, before everything else.
 */
const variable = "BUN_CONFIG_MAX_HTTP_REQUESTS"
const isBinary = Bun.main.startsWith("/$bunfs/")

if (isBinary && process.env[variable] === undefined) {
  process.execve?.(process.execPath, [process.execPath, ...process.argv.slice(2)], {
    ...process.env,
    [variable]: "65336",
  })
}
