import { Effect } from "effect"
import { Analytics } from "../../../domain/operations/Analytics"
import { withActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { endpoints } from "./Endpoints"

export const analytics = defineResource({
  group: endpoints,
  prefixes: [],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const analytics = yield* Analytics
      return handlers
        .handle(
          "getAnalytics",
          withActor((actor, { urlParams }) =>
            Effect.map(analytics.overview(actor, urlParams.days), (overview) => ({
              ...overview,
              ...urlParams,
            })),
          ),
        )
        .handle(
          "getCosts",
          withActor((actor, { urlParams }) =>
            Effect.map(analytics.costs(actor, urlParams.days), (costs) => ({ ...costs, ...urlParams })),
          ),
        )
        .handle(
          "getTimeSeries",
          withActor((actor, { urlParams: { days, granularity } }) =>
            Effect.map(analytics.timeSeries(actor, days, granularity), (series) => ({
              ...series,
              days,
              granularity,
            })),
          ),
        )
    }),
})
