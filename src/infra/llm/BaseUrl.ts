import { Either } from "effect"

/** A base URL without a slash at its end, or what is wrong with it: the rest of "NAME must …". */
export type Address = Either.Either<string, string>

/**
 * Reads the base URL of a provider. One without a path gets `path`, which people leave out half the time.
 * The value itself is never repeated: it may hold a password.
 */
export const baseUrl = (value: string, path: string): Address => {
  const url = URL.parse(value)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return Either.left("must be an http or https address, such as https://api.example.com/v1.")
  }
  if (url.username !== "" || url.password !== "") {
    return Either.left("must not hold a user name or password; a key has a setting of its own.")
  }
  if (url.pathname === "/") url.pathname = path
  url.hash = ""
  return Either.right(url.href.replace(/\/+$/, ""))
}

/** Reads `OLLAMA_HOST` as Ollama does: scheme and port may be missing, and 0.0.0.0 is where it listens. */
export const ollamaHost = (value: string, path: string): Address => {
  const parts = /^(https?:\/\/)?(\[[^\]]*\]|[^:/@\s]*)(:\d+)?(\/.*)?$/.exec(value)
  if (parts === null) return baseUrl(value, path)
  const [, scheme = "http://", host = "", port = "", rest = ""] = parts
  const reachable = host === "" || host === "0.0.0.0" || host === "[::]" ? "127.0.0.1" : host
  const usual = value.startsWith(scheme) ? "" : ":11434"
  return baseUrl(`${scheme}${reachable}${port === "" ? usual : port}${rest}`, path)
}
