/** One number of a scrape. */
export interface Scraped {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (-?(?:[\d.]+(?:e[+-]?\d+)?|Inf)|NaN|\+Inf)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

/** Reads the text format of Prometheus (0.0.4) by its own grammar; throws where a line is none. */
export function readMetrics(text: string): readonly Scraped[] {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  return text.split('\n').flatMap((line): readonly Scraped[] => {
    if (line === '' || /^# (?:HELP|TYPE) \w+ ./.test(line)) return [];
    const [, name, inBraces = '', value = ''] = LINE.exec(line) ?? [];
    if (name === undefined) throw new Error(`this is no line of the format: ${line}`);
    return [{ name, labels: labelsIn(inBraces), value: value === '+Inf' ? Infinity : Number(value) }];
  });
}

/** Of those that have these labels, added up; `undefined` when there is none. */
export function valueOf(
  scraped: readonly Scraped[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = scraped.filter(
    (each) => each.name === name && Object.entries(labels).every(([label, value]) => each.labels[label] === value),
  );
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
}

/** The text, and what is in it, of whoever tells metrics. */
export async function scrapeOf(url: string): Promise<{ readonly text: string; readonly all: readonly Scraped[] }> {
  const answer = await fetch(`${url}/metrics`);
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${answer.status} ${text}`);
  return { text, all: readMetrics(text) };
}

function labelsIn(text: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  for (let at = 0; at < text.length; at = LABEL.lastIndex) {
    const [, name, value] = LABEL.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new Error(`these are no labels: ${text}`);
    labels[name] = value.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
  }
  return labels;
}
