import { collectDefaultMetrics, Registry, type Metric } from 'prom-client';
import { definitionOf, type MetricName } from './definitions.ts';
import type { Sample } from './recorders.ts';

export const CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** Those of the whole process, once: they watch its garbage collector and its event loop as long as it lives. */
let ofProcess: Registry | undefined;

/** The standard metrics of a Node process, in the text format of Prometheus. */
export async function processMetrics(): Promise<string> {
  if (ofProcess === undefined) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
    // Sums of others, and no counters, although they are called so.
    for (const what of ['handles', 'requests', 'resources'])
      ofProcess.removeSingleMetric(`nodejs_active_${what}_total`);
  }
  // A mean over no time: the library spells it so that not everybody reads it.
  return (await ofProcess.metrics()).replaceAll(/ Nan$/gm, ' NaN');
}

/** These metrics in the text format; one without any number is left out. */
export function exposed(all: ReadonlyMap<MetricName, readonly Sample[]>): Promise<string> {
  const registry = new Registry();
  for (const [name, samples] of all) if (samples.length > 0) registry.registerMetric(metricOf(name, samples));
  return registry.metrics();
}

/** The library would count itself. All that its registry asks a metric for is this: its name, and then its numbers. */
function metricOf(name: MetricName, samples: readonly Sample[]): Metric {
  const { help, type } = definitionOf(name);
  const values = samples.map(({ suffix = '', labels, value }) => ({ metricName: `${name}${suffix}`, labels, value }));
  const metric = { name, get: async () => ({ name, help, type, aggregator: 'sum', values }) };
  return metric as unknown as Metric;
}
