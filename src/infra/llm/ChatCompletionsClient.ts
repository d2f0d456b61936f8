import { Predicate } from "effect"
import OpenAI from "openai"
import { fetchProvider, type ProviderFetch } from "./ProviderFetch"

type Params = OpenAI.Chat.ChatCompletionCreateParams

/**
 * Requests a completion and returns the HTTP response; rejects with the official client's errors.
 */
export type SendRequest = (params: Params, signal: AbortSignal) => Promise<Response>

/** Parses an error body into the shape the client expects: some providers nest it in `error`, some do not. */
const parseErrorBody = (text: string): { readonly error: unknown } | undefined => {
  try {
    const body: unknown = JSON.parse(text)
    return { error: Predicate.hasProperty(body, "error") ? (body.error ?? body) : body }
  } catch {
    return undefined
  }
}

/**
 * Sends requests with the URL and headers of the official client. They never change and are built
 * once: building them takes longer than sending them.
 */
export const makeSender = (client: OpenAI, send: ProviderFetch = fetchProvider): SendRequest => {
  let template: Awaited<ReturnType<typeof client.buildRequest>> | undefined
  return async (params, signal) => {
    template ??= await client.buildRequest({
      method: "post",
      path: "/chat/completions",
      body: {},
      stream: true,
    })
    const { url, req } = template
    const request = { method: "POST", headers: req.headers, body: JSON.stringify(params), signal }
    const response = await send(url, request).catch((cause: unknown) => {
      throw new OpenAI.APIConnectionError(cause instanceof Error ? { cause } : {})
    })
    if (response.ok) return response
    const text = await response.text()
    const body = parseErrorBody(text)
    throw OpenAI.APIError.generate(
      response.status,
      body,
      body === undefined ? text : undefined,
      response.headers,
    )
  }
}
