import {
  HttpApi,
  HttpApiBuilder,
  type HttpApiEndpoint,
  type HttpApiError,
  type HttpApiGroup,
} from "@effect/platform"
import { type ConfigError, type Context, Effect, Layer } from "effect"
import type { Authenticated } from "./Authenticated"
import type { RequestServices } from "./RequestServices"

/** A part of a contract: its endpoints, their handlers, and the path prefixes that belong to it. */
export interface Resource<R = unknown> {
  readonly group: HttpApiGroup.HttpApiGroup.Any
  /** Unmatched requests below these paths are answered in the error format of the resource's contract. */
  readonly prefixes: ReadonlyArray<string>
  /** Makes the layer that adds the resource's routes to the router of the contract with this name. */
  readonly routes: (
    contract: string,
  ) => Effect.Effect<Layer.Layer<never, never, Authenticated | RequestServices>, never, R>
}

/**
 * Declares a resource: an endpoint group and the effect that makes its handlers. Every endpoint must have a
 * handler, and a handler may fail only with the errors that its endpoint declares; the types check both.
 * Handlers get the services that they use from that effect, not from the context in which they run.
 */
export const defineResource = <
  const Name extends string,
  Endpoints extends HttpApiEndpoint.HttpApiEndpoint.Any,
  GroupError,
  GroupContext,
  TopLevel extends boolean,
  Services,
>({
  group,
  prefixes,
  handlers,
}: {
  readonly group: HttpApiGroup.HttpApiGroup<Name, Endpoints, GroupError, GroupContext, TopLevel>
  readonly prefixes: ReadonlyArray<string>
  readonly handlers: (
    handlers: HttpApiBuilder.Handlers.FromGroup<
      HttpApiError.HttpApiDecodeError,
      never,
      HttpApiGroup.HttpApiGroup<Name, Endpoints, GroupError, GroupContext, TopLevel>
    >,
  ) => Effect.Effect<
    HttpApiBuilder.Handlers<unknown, unknown, Authenticated | RequestServices>,
    ConfigError.ConfigError,
    Services
  >
}) => ({
  group,
  prefixes,
  // The builder looks its group up by name in an API; one with this group alone serves it as well.
  routes: (contract: string) =>
    Effect.map(Effect.context<Services>(), (services) =>
      Layer.orDie(
        HttpApiBuilder.group(HttpApi.make(contract).add(group), group.identifier, (empty) =>
          Effect.mapInputContext(handlers(empty), (_: Context.Context<never>) => services),
        ),
      ),
    ),
})
