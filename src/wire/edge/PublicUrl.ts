import { Config } from "effect"

/** Where this server is to be found from outside, as `https://host` or `http://host:port`. */
export const publicUrl = Config.url("PUBLIC_URL").pipe(
  Config.validate({
    message: "must begin with http:// or https://",
    validation: ({ protocol }) => protocol === "http:" || protocol === "https:",
  }),
  Config.option,
)
