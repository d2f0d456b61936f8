import {
  HttpApi,
  HttpApiBuilder,
  type HttpApiEndpoint,
  type HttpApiError,
  type HttpApiGroup,
} from "@effect/platform"
import { Layer } from "effect"

/** A part of a contract: its endpoints, their handlers, and the path prefixes that belong to it. */
export interface Resource<R = unknown> {
  readonly group: HttpApiGroup.HttpApiGroup.Any
  /** Unmatched requests below these paths are answered in the error format of the resource's contract. */
  readonly prefixes: ReadonlyArray<string>
  /** Adds the resource's routes to the router of the contract with this name. */
  readonly routes: (contract: string) => Layer.Layer<never, never, R>
}

/**
 * Declares a resource: an endpoint group and the handlers that implement it. Every endpoint must have a
 * handler, and a handler may fail only with the errors that its endpoint declares; the types check both.
 */
export const defineResource = <
  const Name extends string,
  Endpoints extends HttpApiEndpoint.HttpApiEndpoint.Any,
  GroupError,
  GroupContext,
  TopLevel extends boolean,
  Return,
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
  ) => HttpApiBuilder.Handlers.ValidateReturn<Return>
}) => ({
  group,
  prefixes,
  // The builder looks its group up by name in an API; one with this group alone serves it as well.
  routes: (contract: string) =>
    Layer.orDie(HttpApiBuilder.group(HttpApi.make(contract).add(group), group.identifier, handlers)),
})
