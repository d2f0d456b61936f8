import type { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect } from "effect"
import { FileShares } from "../../../domain/files/FileShares"
import type { FileShare, FileShareToken } from "../../../domain/files/FileShares/Model"
import { Files } from "../../../domain/files/Files"
import { Thumbnails } from "../../../domain/files/Thumbnails"
import { withActor } from "../../../http/Authenticated"
import { receiveFile } from "../../../http/FileForm"
import { fileResponse } from "../../../http/FileResponse"
import { makeServerOrigin } from "../../../http/middleware/ServerOrigin"
import { defineResource } from "../../../http/Resource"
import { paged } from "../Paging"
import { endpoints } from "./Endpoints"

type Request = HttpServerRequest.HttpServerRequest

/** The ETag by which a client continues a download, or asks whether its file is still the same. */
const knownTag = ({ headers }: Request) =>
  (headers["if-range"] ?? headers["if-none-match"])?.replace(/^(?:W\/)?"|"$/g, "")

/** Whether a response contains the beginning of the file. */
const beginsFile = ({ status, headers }: HttpServerResponse.HttpServerResponse) =>
  status === 200 || (status === 206 && headers["content-range"]?.startsWith("bytes 0-") === true)

export const files = defineResource({
  group: endpoints,
  prefixes: ["/v1/files", "/v1/shared-files"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const files = yield* Files
      const thumbnails = yield* Thumbnails
      const shares = yield* FileShares
      const originOf = yield* makeServerOrigin
      const withUrl = (request: Request) => (share: FileShare) => ({
        ...share,
        url: `${originOf(request)}/v1/shared-files/${share.token}`,
      })

      const downloadShared = (request: Request, token: FileShareToken) =>
        Effect.gen(function* () {
          const { file, content, tag, isKnown } = yield* shares.open(token, knownTag(request))
          const response = yield* fileResponse(request, { ...file, id: tag }, content)
          const isContinuation = response.status === 304 || (isKnown && !beginsFile(response))
          if (request.method === "GET" && !isContinuation) yield* shares.countDownload(token)
          return response
        })

      return handlers
        .handle(
          "v1ListFiles",
          withActor((actor, { urlParams }) => paged(urlParams, (range) => files.list(actor, range))),
        )
        .handle(
          "v1UploadFile",
          withActor((actor, { payload }) =>
            receiveFile(payload, files.maxSize(), (file) => files.upload(actor, file)),
          ),
        )
        .handle(
          "v1GetFile",
          withActor((actor, { path }) => files.get(actor, path.id)),
        )
        .handle(
          "v1DownloadFile",
          withActor((actor, { path, request }) =>
            Effect.flatMap(files.open(actor, path.id), ({ file, content }) =>
              fileResponse(request, file, content),
            ),
          ),
        )
        .handle(
          "v1DeleteFile",
          withActor((actor, { path }) => files.delete(actor, path.id)),
        )
        .handle(
          "v1GetThumbnail",
          withActor((actor, { path, request }) =>
            Effect.flatMap(thumbnails.open(actor, path.id), ({ file, content }) =>
              fileResponse(request, file, content),
            ),
          ),
        )
        .handle(
          "v1ShareFile",
          withActor((actor, { path, payload, request }) =>
            Effect.map(shares.create(actor, path.id, payload), withUrl(request)),
          ),
        )
        .handle(
          "v1GetFileShare",
          withActor((actor, { path, request }) => Effect.map(shares.get(actor, path.id), withUrl(request))),
        )
        .handle(
          "v1RevokeFileShare",
          withActor((actor, { path }) => shares.revoke(actor, path.id)),
        )
        .handle("v1DownloadSharedFile", ({ path, request }) => downloadShared(request, path.token))
    }),
})
