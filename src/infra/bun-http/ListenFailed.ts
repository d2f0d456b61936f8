import { Data, Predicate } from "effect"

const errorCode = (cause: unknown): unknown => (Predicate.hasProperty(cause, "code") ? cause.code : undefined)

/** The server cannot listen on its address; the message names the setting to change. */
export class ListenFailed extends Data.TaggedError("ListenFailed")<{
  readonly port: number
  readonly hostname: string
  readonly cause: unknown
}> {
  override get message() {
    const { port, hostname } = this
    switch (errorCode(this.cause)) {
      case "EADDRINUSE":
        return `PORT: ${port} is in use on ${hostname}; stop the program that listens there, or choose another port.`
      case "EACCES":
        return `PORT: listening on ${port} on ${hostname} needs privileges that this process lacks; choose a port above 1023.`
      default:
        return `HOST: cannot listen on ${hostname}, port ${port}; it must be an address of this machine.`
    }
  }
}
