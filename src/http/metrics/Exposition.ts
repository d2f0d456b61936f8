import { type MetricPair, MetricState, Option } from "effect"

type Labels = ReadonlyArray<readonly [name: string, value: string]>

const escapeHelp = (text: string) => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")
const escapeLabel = (text: string) => escapeHelp(text).replaceAll('"', '\\"')
const validName = (name: string) => name.replace(/[^a-zA-Z0-9_:]/g, "_").replace(/^(?=\d)/, "_")

const number = (value: number | bigint) => {
  if (value === Number.POSITIVE_INFINITY) return "+Inf"
  return value === Number.NEGATIVE_INFINITY ? "-Inf" : String(value)
}

const sample = (name: string, labels: Labels, value: number | bigint) => {
  const inner = labels.map(([key, text]) => `${validName(key)}="${escapeLabel(text)}"`).join(",")
  return `${name}${inner === "" ? "" : `{${inner}}`} ${number(value)}`
}

const kindOf = (state: MetricState.MetricState.Untyped): string => {
  if (MetricState.isGaugeState(state)) return "gauge"
  if (MetricState.isHistogramState(state)) return "histogram"
  return MetricState.isSummaryState(state) ? "summary" : "counter"
}

const samplesOf = (
  name: string,
  labels: Labels,
  state: MetricState.MetricState.Untyped,
): ReadonlyArray<string> => {
  if (MetricState.isCounterState(state)) return [sample(name, labels, state.count)]
  if (MetricState.isGaugeState(state)) return [sample(name, labels, state.value)]
  if (MetricState.isFrequencyState(state)) {
    return [...state.occurrences].map(([key, count]) => sample(name, [...labels, ["key", key]], count))
  }
  if (MetricState.isHistogramState(state)) {
    const bounded = state.buckets.filter(([bound]) => Number.isFinite(bound))
    return [
      ...bounded.map(([bound, count]) => sample(`${name}_bucket`, [...labels, ["le", number(bound)]], count)),
      sample(`${name}_bucket`, [...labels, ["le", "+Inf"]], state.count),
      sample(`${name}_sum`, labels, state.sum),
      sample(`${name}_count`, labels, state.count),
    ]
  }
  if (!MetricState.isSummaryState(state)) return []
  return [
    ...state.quantiles.map(([quantile, value]) =>
      sample(
        name,
        [...labels, ["quantile", String(quantile)]],
        Option.getOrElse(value, () => Number.NaN),
      ),
    ),
    sample(`${name}_sum`, labels, state.sum),
    sample(`${name}_count`, labels, state.count),
  ]
}

/** Renders metrics in the Prometheus text exposition format 0.0.4, the samples of each metric together. */
export const renderMetrics = (pairs: ReadonlyArray<MetricPair.MetricPair.Untyped>): string => {
  const families = new Map<
    string,
    { readonly head: ReadonlyArray<string>; readonly samples: Array<string> }
  >()
  for (const { metricKey, metricState } of pairs) {
    const name = validName(metricKey.name)
    const kind = kindOf(metricState)
    const help = Option.getOrElse(metricKey.description, () => "")
    const family = families.get(name) ?? {
      head: [...(help === "" ? [] : [`# HELP ${name} ${escapeHelp(help)}`]), `# TYPE ${name} ${kind}`],
      samples: [],
    }
    families.set(name, family)
    const labels = metricKey.tags.map(({ key, value }) => [key, value] as const)
    family.samples.push(...samplesOf(name, labels, metricState))
  }
  return [...families.values()].flatMap(({ head, samples }) => [...head, ...samples, ""]).join("\n")
}
