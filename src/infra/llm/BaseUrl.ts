import { Either } from "effect"

/** A base URL without a trailing slash, or the rest of the error message "VARIABLE must …". */
export type ParsedUrl = Either.Either<string, string>

/**
 * Parses the base URL of a provider. A URL without a path gets `path`, which users often omit. Errors
 * never repeat the value: it may contain a password.
 */
export const parseBaseUrl = (value: string, path: string): ParsedUrl => {
  const url = URL.parse(value)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return Either.left("must be an http or https URL, such as https://api.example.com/v1.")
  }
  if (url.username !== "" || url.password !== "") {
    return Either.left("must not contain a user name or password; the key has its own variable.")
  }
  if (url.pathname === "/") url.pathname = path
  url.hash = ""
  return Either.right(url.href.replace(/\/+$/, ""))
}

/** Parses `OLLAMA_HOST` as Ollama does: scheme and port are optional, and 0.0.0.0 is its listen address. */
export const parseOllamaHost = (value: string, path: string): ParsedUrl => {
  const parts = /^(https?:\/\/)?(\[[^\]]*\]|[^:/@\s]*)(:\d+)?(\/.*)?$/.exec(value)
  if (parts === null) return parseBaseUrl(value, path)
  const [, scheme = "http://", host = "", port = "", rest = ""] = parts
  const reachable = host === "" || host === "0.0.0.0" || host === "[::]" ? "127.0.0.1" : host
  const defaultPort = value.startsWith(scheme) ? "" : ":11434"
  return parseBaseUrl(`${scheme}${reachable}${port === "" ? defaultPort : port}${rest}`, path)
}
