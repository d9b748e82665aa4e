import { definitionOf, knownLabels, type MetricName } from './definitions.ts';
import type { Meters } from './meters.ts';
import type { Sample } from './recorders.ts';

/** Numbers of one gauge: one alone, or one for each combination of labels. */
export type Reading = number | readonly Sample[];
export type Readings = { readonly [Name in MetricName]?: Reading };

/** What is read when somebody asks. One that rejects is left out, and counted; the others are told all the same. */
export type Sources = Readonly<Record<string, () => Readings | Promise<Readings>>>;

export interface Scraped {
  readonly contentType: string;
  readonly text: string;
}

/**
 * All metrics as they are now. Never rejects. The library is loaded when somebody asks first, and watches the process from then on:
 * where nobody does, none of this costs anything.
 */
export async function scrape(meters: Meters, sources: Sources): Promise<Scraped> {
  const read = async (part: string, work: () => Readings | Promise<Readings>): Promise<Readings> => {
    try {
      return await work();
    } catch {
      meters.unread(part);
      return {};
    }
  };
  const { CONTENT_TYPE, exposed, processMetrics } = await import('./exposition.ts');
  const readings = await Promise.all(Object.entries(sources).map(([part, work]) => read(part, work)));
  const standard = await processMetrics().catch(() => {
    meters.unread('process');
    return '';
  });
  const all = new Map(meters.counted());
  for (const found of readings)
    for (const [name, reading] of Object.entries(found) as [MetricName, Reading][])
      all.set(name, samplesOf(name, reading));
  return { contentType: CONTENT_TYPE, text: `${await exposed(all)}\n${standard}` };
}

/** What is known to be possible and was not read is 0. */
function samplesOf(name: MetricName, reading: Reading): readonly Sample[] {
  if (typeof reading === 'number') return [{ labels: {}, value: reading }];
  const definition = definitionOf(name);
  const labels = Object.keys(definition.labels);
  const keyOf = (of: Sample['labels']): string => labels.map((label) => of[label] ?? '').join('\n');
  const there = new Set(reading.map((sample) => keyOf(sample.labels)));
  const zeros = isCount(name) ? knownLabels(definition) : [];
  const missing = zeros
    .map((values) => Object.fromEntries(labels.map((label, at) => [label, values[at] ?? ''])))
    .filter((of) => !there.has(keyOf(of)));
  return [...reading, ...missing.map((of) => ({ labels: of, value: 0 }))];
}

/** Of what is counted in the database none is 0; of a certificate or a link that is not there nothing is told. */
function isCount(name: MetricName): boolean {
  return definitionOf(name).of === 'database';
}
