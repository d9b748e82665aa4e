/**
 * Writes the tables of docs/metrics.md from what the metrics are: `npx tsx scripts/metricsTable.ts`. A unit test fails when the page is
 * not what this makes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { definitionOf, metricsOf, type Definition, type MetricName } from '../src/metrics/definitions.ts';
import { packageRoot } from '../src/packageRoot.ts';

export const METRICS_DOC = join(packageRoot, 'docs/metrics.md');

const TABLES = /<!-- (process|database) -->.*?<!-- \/\1 -->/gs;

/** The page with its tables as they shall be. */
export async function metricsDoc(page = readFileSync(METRICS_DOC, 'utf8')): Promise<string> {
  const text = page.replace(
    TABLES,
    (_, of: Definition['of']) => `<!-- ${of} -->\n\n${table(metricsOf(of))}\n\n<!-- /${of} -->`,
  );
  return format(text, { ...(await resolveConfig(METRICS_DOC)), parser: 'markdown' });
}

function table(names: readonly MetricName[]): string {
  const rows = names.map((name) => {
    const { type, help } = definitionOf(name);
    return `| \`${name}\` | ${type} | ${help} | ${labelsOf(definitionOf(name))} |`;
  });
  return ['| metric | type | what it is | labels |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function labelsOf({ labels }: Definition): string {
  const words = Object.entries(labels).map(([label, values]) => {
    if (typeof values === 'string') return `\`${label}\`: ${values}`;
    // All steps of the journal would fill the page.
    if (values.length > 20) return `\`${label}\`: one of ${values.length}, as \`--step\` takes them`;
    return `\`${label}\`: ${values.map((value) => `\`${value}\``).join(', ')}`;
  });
  return words.join('; ');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(METRICS_DOC, await metricsDoc());
