import { Effect, Layer } from "effect"
import { RemoteFileRejected, RemoteFiles } from "../../domain/files/RemoteFiles"
import { allowPrivateUrls, guardedFetch, UrlNotAllowed } from "../http-client/guardedFetch"
import { readBounded } from "../http-client/readBounded"

const fetchTimeout = "20 seconds"

const rejected = (message: string) => new RemoteFileRejected({ message })

/** Downloads a file of at most `limit` bytes. */
const download = async (url: string, limit: number, allowPrivate: boolean, signal: AbortSignal) => {
  const response = await guardedFetch(url, { allowPrivate, signal })
  if (!response.ok) throw rejected(`The server of this URL responded with status ${response.status}.`)
  const bytes = await readBounded(response, limit)
  if (bytes === undefined) throw rejected(`The file at this URL is larger than the ${limit} bytes allowed.`)
  return { bytes, mediaType: response.headers.get("content-type") ?? undefined }
}

const toRejected = (thrown: unknown) => {
  if (thrown instanceof RemoteFileRejected) return thrown
  return rejected(
    thrown instanceof UrlNotAllowed ? thrown.message : "The file at this URL could not be fetched.",
  )
}

/** Implements the port with `fetch`. */
export const layer = Layer.effect(
  RemoteFiles,
  Effect.map(allowPrivateUrls, (allowPrivate) => ({
    fetch: (url: string, limit: number) =>
      Effect.tryPromise({
        try: (signal) => download(url, limit, allowPrivate, signal),
        catch: toRejected,
      }).pipe(
        Effect.timeoutFail({
          duration: fetchTimeout,
          onTimeout: () => rejected("Fetching the file at this URL timed out."),
        }),
      ),
  })),
)
