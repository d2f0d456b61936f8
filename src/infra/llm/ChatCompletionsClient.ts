import { Predicate } from "effect"
import OpenAI from "openai"
import { ask } from "./ProviderFetch"

type Params = OpenAI.Chat.ChatCompletionCreateParamsStreaming

/** Asks for a streamed answer, and gives back its response; fails as the official client fails. */
export type Ask = (params: Params, signal: AbortSignal) => Promise<Response>

/** What is wrong, as the client words it: some providers say it in an object of its own, some do not. */
const complaintIn = (text: string): { readonly error: unknown } | undefined => {
  try {
    const body: unknown = JSON.parse(text)
    return { error: Predicate.hasProperty(body, "error") ? (body.error ?? body) : body }
  } catch {
    return undefined
  }
}

/**
 * Asks as the official client does, at the address and with the headers that it makes. They are the
 * same every time and made once: to make them anew takes longer than to send them.
 */
export const makeAsk = (client: OpenAI): Ask => {
  let built: Awaited<ReturnType<typeof client.buildRequest>> | undefined
  return async (params, signal) => {
    built ??= await client.buildRequest({ method: "post", path: "/chat/completions", body: {}, stream: true })
    const { url, req } = built
    const request = { method: "POST", headers: req.headers, body: JSON.stringify(params), signal }
    const response = await ask(url, request).catch((cause: unknown) => {
      throw new OpenAI.APIConnectionError(cause instanceof Error ? { cause } : {})
    })
    if (response.ok) return response
    const text = await response.text()
    const body = complaintIn(text)
    throw OpenAI.APIError.generate(
      response.status,
      body,
      body === undefined ? text : undefined,
      response.headers,
    )
  }
}
