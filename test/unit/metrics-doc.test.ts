import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { metricsDoc, METRICS_DOC } from '../../scripts/metricsTable.ts';
import { DEFINITIONS, type Definition } from '../../src/metrics/definitions.ts';
import { packageRoot } from '../../src/packageRoot.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What Prometheus itself knows of who it scrapes. */
const PROMETHEUS = ['instance', 'job', 'le'];

describe('What is written about metrics', () => {
  const read = (file: string): string => readFileSync(join(packageRoot, 'docs/prometheus', file), 'utf8');
  const rules = (parse(read('alerts.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);
  const { panels } = JSON.parse(read('dashboard.json')) as {
    panels: { title: string; targets?: { expr: string; legendFormat: string }[] }[];
  };
  const targets = panels.flatMap(({ targets = [] }) => targets);

  it('is made of what they are: npx tsx scripts/metricsTable.ts makes it anew', async () => {
    expect(readFileSync(METRICS_DOC, 'utf8')).to.equal(await metricsDoc());
  });

  it('asks in alerts, dashboard and page for metrics, labels and values that there are', () => {
    const inPage = [...readFileSync(METRICS_DOC, 'utf8').matchAll(/`([^`\n]*selfprov_[^`\n]*)`/g)];
    const asked = [...rules.map(({ expr }) => expr), ...targets.map(({ expr }) => expr), ...inPage.map(([, it]) => it)];
    expect(asked.length).to.be.greaterThan(100);
    expect(asked.flatMap((expr = '') => mistakesIn(expr))).to.deep.equal([]);
  });

  it('shows of a metric in alerts and dashboard only labels that it has then', () => {
    const wrong = [
      ...rules.map(({ expr, annotations }) => ({ expr, text: Object.values(annotations).join(' ') })),
      ...targets.map(({ expr, legendFormat: text }) => ({ expr, text })),
    ].filter(({ expr, text }) => {
      const shown = [...text.matchAll(/\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}/g)].map(([, label = '']) => label);
      return !shown.every((label) => label === 'instance' || labelsLeft(expr).has(label));
    });
    expect(wrong).to.deep.equal([]);
  });

  it('has a panel for every metric', () => {
    const all = targets.map(({ expr }) => expr).join('\n');
    const missing = Object.keys(DEFINITIONS).filter((name) => !all.includes(name));
    // How full the disk is says what is left on it.
    expect(missing).to.deep.equal(['selfprov_disk_size_bytes']);
  });

  it('says of each alert what it is, how bad it is, and what to do', () => {
    for (const { alert, labels, annotations } of rules) {
      expect(Object.keys(annotations), alert).to.deep.equal(['summary', 'action']);
      expect(labels['severity'], alert).to.be.oneOf(['critical', 'warning', 'info']);
    }
    expect(new Set(rules.map(({ alert }) => alert)).size).to.equal(rules.length);
  });

  it('names every metric as Prometheus recommends', () => {
    for (const [name, { type, labels }] of Object.entries<Definition>(DEFINITIONS)) {
      expect(name).to.match(/^selfprov_[a-z_]+$/);
      expect(name.endsWith('_total'), name).to.equal(type === 'counter');
      if (type === 'histogram') expect(name).to.match(/_seconds$/);
      // What grows with phones or users would grow without end.
      expect(Object.keys(labels), name).not.to.include.oneOf([
        'mac',
        'device',
        'user',
        'extension',
        'tenant',
        'address',
      ]);
    }
  });
});

/** Metrics, labels and values in an expression that nobody tells. */
function mistakesIn(expr: string): readonly string[] {
  return [...expr.matchAll(/\b(selfprov_\w+)(?:\{([^}]*)\})?/g)].flatMap(([, name = '', inBraces = '']) => {
    const definition = definitionOf(name);
    if (definition === undefined) return [name];
    return [...inBraces.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)].flatMap(([whole, label = '', , wanted = '']) => {
      if (PROMETHEUS.includes(label)) return [];
      const values = definition.labels[label];
      if (values === undefined) return [`${name} ${whole}`];
      const isKnown = (value: string): boolean => typeof values === 'string' || values.includes(value);
      return wanted.split('|').every(isKnown) ? [] : [`${name} ${whole}`];
    });
  });
}

function definitionOf(name: string): Definition | undefined {
  const all: Readonly<Record<string, Definition>> = DEFINITIONS;
  const histogram = all[name.replace(/_(?:bucket|sum|count)$/, '')];
  return all[name] ?? (histogram?.type === 'histogram' ? histogram : undefined);
}

/** Those of its metrics, but for what is added up. */
function labelsLeft(expr: string): ReadonlySet<string> {
  const all = [...expr.matchAll(/\bselfprov_\w+/g)].flatMap(([name]) => Object.keys(definitionOf(name)?.labels ?? {}));
  const by = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, labels = '']) => labels.split(/,\s*/));
  const without = [...expr.matchAll(/\bwithout \(([^)]*)\)/g)].flatMap(([, labels = '']) => labels.split(/,\s*/));
  if (by.length > 0) return new Set(by);
  const isSummedUp = /\b(?:sum|max|min|count)\((?!.*\bby\b)/.test(expr) && without.length === 0;
  return new Set(isSummedUp ? [] : all.filter((label) => !without.includes(label)));
}
