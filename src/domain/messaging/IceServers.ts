import { Config, Context, Either, Option, Redacted, Schema } from "effect"
import { parseConfig } from "../shared/ConfigHelpers"

/** A server that helps two participants to reach each other: STUN, or TURN, which requires credentials. */
export const IceServer = Schema.Struct({
  urls: Schema.NonEmptyArray(Schema.String),
  username: Schema.optionalWith(Schema.String, { exact: true }),
  credential: Schema.optionalWith(Schema.Redacted(Schema.String), { exact: true }),
})
export type IceServer = typeof IceServer.Type

/** The ICE servers for participants, and for no one else: the credentials are secrets. */
export class IceServers extends Context.Reference<IceServers>()("IceServers", {
  defaultValue: (): ReadonlyArray<IceServer> => [],
}) {}

const iceUrl = /^(stun|stuns|turn|turns):[^\s/?#@]+(\?transport=(udp|tcp))?$/

/** A server as `RTCPeerConnection` accepts it: its `urls` may be a single one. */
const ConfiguredServer = Schema.Struct({
  urls: Schema.Union(Schema.String, Schema.NonEmptyArray(Schema.String)),
  username: Schema.optional(Schema.String),
  credential: Schema.optional(Schema.String),
})

const decodeServers = Schema.decodeUnknownEither(Schema.parseJson(Schema.Array(ConfiguredServer)), {
  onExcessProperty: "error",
})

const toIceServer = ({ urls, username, credential }: typeof ConfiguredServer.Type) => {
  const [first, ...others] = [urls].flat()
  const all = [first ?? "", ...others] as const
  const isTurn = all.some((url) => url.startsWith("turn"))
  if (!all.every((url) => iceUrl.test(url))) return Option.none()
  if (isTurn && (!username || !credential)) return Option.none()
  const server: IceServer = {
    urls: all,
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential: Redacted.make(credential) }),
  }
  return Option.some(server)
}

/** `ICE_SERVERS`: a JSON array of servers; by default none, which is enough within one network. */
export const iceServers = parseConfig(
  "a JSON array of servers with urls (stun:, stuns:, turn: or turns:), and for TURN a username and a credential",
  (text) =>
    Option.flatMap(Either.getRight(decodeServers(text)), (servers) => Option.all(servers.map(toIceServer))),
)("ICE_SERVERS").pipe(Config.withDefault<ReadonlyArray<IceServer>>([]))
