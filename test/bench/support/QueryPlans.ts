import { Client } from "pg"
import { print } from "./Processes"

/** Makes the server at `url` send the executed plan of every statement to new connections, as a notice. */
export const enableAutoExplain = async (url: string) => {
  const owner = new Client(url)
  await owner.connect()
  for (const [setting, value] of [
    ["session_preload_libraries", "auto_explain"],
    ["auto_explain.log_min_duration", "0"],
    ["auto_explain.log_analyze", "on"],
    ["auto_explain.log_buffers", "on"],
    ["auto_explain.log_level", "notice"],
  ]) {
    await owner.query(`alter database postgres set ${setting} = '${value}'`)
  }
  await owner.end()
}

/** Prints the plans that this process's connections receive, of statements that match `which`. */
export const printPlans = (which: (statement: string) => boolean) => {
  const { connect } = Client.prototype
  const show = ({ message = "" }) => {
    const [, text = "", plan = ""] = /Query Text:(.*?)\nQuery Parameters:[^\n]*\n(.*)/s.exec(message) ?? []
    if (which(text)) print(`${text}\n${plan}\n`)
  }
  const connectAndListen = function (this: Client, ...rest: ReadonlyArray<unknown>) {
    this.on("notice", show)
    return Reflect.apply(connect, this, rest)
  }
  Object.assign(Client.prototype, { connect: connectAndListen })
}
