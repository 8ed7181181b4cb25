import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/**
 * The metrics of one process. Asking twice for a name gives the same metric, so that several targets in one process
 * share it. Labels are few and bounded; ids go to the log.
 */
export interface Metrics {
  counter<L extends string>(name: string, help: string, labels?: readonly L[]): Counter<L>;
  gauge<L extends string>(name: string, help: string, labels?: readonly L[]): Gauge<L>;
  histogram<L extends string>(
    name: string,
    help: string,
    buckets: readonly number[],
    labels?: readonly L[],
  ): Histogram<L>;
  /** All of them in the text format of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Seconds, from a millisecond to five minutes. */
export const SECONDS_BUCKETS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300,
];

/** Makes the metrics of a process; `processMetrics` adds memory, CPU and event loop. */
export function createMetrics(options: { readonly processMetrics?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (options.processMetrics === true) collectDefaultMetrics({ register: registry });
  const known = new Map<string, Counter | Gauge | Histogram>();
  // The map forgets the label type; a name always comes with the same labels.
  const once = <M extends Counter | Gauge | Histogram>(name: string, make: () => M): M => {
    const found = known.get(name);
    if (found !== undefined) return found as M;
    const made = make();
    known.set(name, made);
    return made;
  };
  const common = <L extends string>(name: string, help: string, labels: readonly L[] = []) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  return {
    counter: <L extends string>(name: string, help: string, labels?: readonly L[]) =>
      once<Counter<L>>(name, () => new Counter<L>(common(name, help, labels))),
    gauge: <L extends string>(name: string, help: string, labels?: readonly L[]) =>
      once<Gauge<L>>(name, () => new Gauge<L>(common(name, help, labels))),
    histogram: <L extends string>(
      name: string,
      help: string,
      buckets: readonly number[],
      labels?: readonly L[],
    ) =>
      once<Histogram<L>>(
        name,
        () => new Histogram<L>({ ...common(name, help, labels), buckets: [...buckets] }),
      ),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
