import { open } from "node:fs/promises"

/** Hand-written baseline of an upload: writes the body of each request to the file `TARGET` as it arrives. */
Bun.serve({
  port: Number(process.env.PORT),
  maxRequestBodySize: Number.MAX_SAFE_INTEGER,
  fetch: async ({ body }) => {
    if (body === null) return new Response()
    const file = await open(process.env.TARGET ?? "", "w")
    for await (const chunk of body) await file.write(chunk)
    await file.sync()
    await file.close()
    return new Response()
  },
})
