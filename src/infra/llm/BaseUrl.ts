import { Either } from "effect"

/** A base URL without a trailing slash, or the rest of the error message "VARIABLE must …". */
export type ParsedUrl = Either.Either<string, string>

/** Paths of OpenAI-compatible APIs that differ from a provider's usual one, by host. */
const knownPaths: ReadonlyArray<readonly [host: RegExp, path: string]> = [
  [/^api\.openai\.com$/, "/v1"],
  [/^openrouter\.ai$/, "/api/v1"],
  [/^generativelanguage\.googleapis\.com$/, "/v1beta/openai"],
  [/\.(?:openai|services\.ai|cognitiveservices)\.azure\.com$/, "/openai/v1"],
  [/^api\.groq\.com$/, "/openai/v1"],
  [/^api\.fireworks\.ai$/, "/inference/v1"],
  [/^api\.deepinfra\.com$/, "/v1/openai"],
  [/^api\.cohere\.(?:ai|com)$/, "/compatibility/v1"],
  [/^api\.perplexity\.ai$/, ""],
  [/^dashscope(?:-intl)?\.aliyuncs\.com$/, "/compatible-mode/v1"],
]

/** Paths that are only the beginning of an API's, or that of another one. */
const incompletePath = /^(?:\/(?:v1(?:beta)?|api|openai|inference))?$/

/** Sites where people chat or manage keys; no model answers there. */
const websites =
  /^(?:chat\.openai\.com|chatgpt\.com|platform\.openai\.com|claude\.ai|console\.anthropic\.com|platform\.claude\.com|gemini\.google\.com|aistudio\.google\.com)$/

/** The endpoints of the API, one of which is often copied along with its base URL. */
const endpoint =
  /\/(?:chat\/completions|completions|responses|messages|embeddings|images\/(?:generations|edits)|models(?:\/[^/]+)?)$/i

/** The endpoints of Ollama's own API, which is another one; its OpenAI-compatible API is beside them. */
const ollamaEndpoint = /\/api\/(?:chat|generate|tags)$/i

/** Returns the path of the API that an address of it contains. */
const apiPath = ({ hostname, pathname }: URL, defaultPath: string) => {
  const trimmed = pathname
    .replace(/\/+$/, "")
    .replace(ollamaEndpoint, "/v1")
    .replace(endpoint, "")
    .replace(/\/+$/, "")
  const known = knownPaths.find(([host]) => host.test(hostname))?.[1]
  if (known !== undefined && incompletePath.test(trimmed)) return known
  return trimmed === "" ? defaultPath : trimmed
}

/** Returns whether the URL belongs to Azure's API of deployments, which has a header of its own for the key. */
export const isAzureDeployment = (baseUrl: string) =>
  /\/openai\/deployments\/[^/]+/.test(new URL(baseUrl).pathname)

/**
 * Parses the base URL of a provider. A URL without a path gets the one of its host, or else `path`, which
 * users often omit; the endpoint of a call, which they often add, is removed. Errors never repeat the value:
 * it may contain a password.
 */
export const parseBaseUrl = (value: string, path: string): ParsedUrl => {
  const url = URL.parse(value)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return Either.left("must be an http or https URL, such as https://api.example.com/v1.")
  }
  if (url.username !== "" || url.password !== "") {
    return Either.left("must not contain a user name or password; the key has its own variable.")
  }
  if (websites.test(url.hostname)) {
    return Either.left("must be the URL of an API, such as https://api.openai.com/v1, and not of a website.")
  }
  url.pathname = apiPath(url, path)
  url.hash = ""
  if (isAzureDeployment(url.href) && !url.searchParams.has("api-version")) {
    return Either.left("must have an api-version, such as ?api-version=2024-10-21, or end with /openai/v1.")
  }
  return Either.right(url.pathname === "/" ? url.href.replace(/\/(?=\?|$)/, "") : url.href)
}

/** Parses `OLLAMA_BASE_URL`: the path of Ollama's own API counts as none. */
export const parseOllamaUrl = (value: string, path: string): ParsedUrl =>
  parseBaseUrl(value.replace(/\/api\/*$/i, ""), path)

/** Parses `OLLAMA_HOST` as Ollama does: scheme and port are optional, and 0.0.0.0 is its listen address. */
export const parseOllamaHost = (value: string, path: string): ParsedUrl => {
  const parts = /^(https?:\/\/)?(\[[^\]]*\]|[^:/@\s]*)(:\d+)?(\/.*)?$/.exec(value)
  if (parts === null) return parseOllamaUrl(value, path)
  const [, scheme = "http://", host = "", port = "", rest = ""] = parts
  const reachable = host === "" || host === "0.0.0.0" || host === "[::]" ? "127.0.0.1" : host
  const defaultPort = value.startsWith(scheme) ? "" : ":11434"
  return parseOllamaUrl(`${scheme}${reachable}${port === "" ? defaultPort : port}${rest}`, path)
}
