import { Data, Predicate } from "effect"

const codeOf = (cause: unknown): unknown => (Predicate.hasProperty(cause, "code") ? cause.code : undefined)

/** Nothing can be served at an address; the message names the setting that says otherwise. */
export class CannotListen extends Data.TaggedError("CannotListen")<{
  readonly port: number
  readonly hostname: string
  readonly cause: unknown
}> {
  override get message() {
    const { port, hostname } = this
    switch (codeOf(this.cause)) {
      case "EADDRINUSE":
        return `PORT: ${port} is in use on ${hostname}; stop what listens there, or choose another.`
      case "EACCES":
        return `PORT: ${port} on ${hostname} takes rights that this process lacks; choose one above 1023.`
      default:
        return `HOST: ${hostname} is no address of this machine on which port ${port} can be listened on.`
    }
  }
}
