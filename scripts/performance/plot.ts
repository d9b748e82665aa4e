import { ratio, rowsOf, shown } from '../bench/print.ts';
import { aimOf, type Figure } from '../bench/figure.ts';

const WIDTH = 900;
const BAR = 14;
const LINE = 18;
const GAP = 12;
const MOST = 560;
const COLOURS = ['#2563a8', '#9aa7b4', '#c9d0d6'] as const;
/** Readable on white and on black. */
const TEXT = '#768390';

/**
 * Bars of figures with one unit, as SVG: a bar for each, and one for each thing that it stands beside. Bars need no library, and what
 * we draw ourselves is the same to the byte wherever it is made.
 */
export function plot(title: string, figures: readonly Figure[]): string {
  const unit = figures[0]?.unit ?? '';
  const rows = rowsOf(figures);
  const all = rows.flatMap(({ figure, besides }) => [figure.value, ...besides.map(({ value }) => value)]);
  const scale = MOST / Math.max(...all, Number.MIN_VALUE);
  const parts = [text(0, 16, `${title}, ${unit}`, 'font-weight="bold"')];
  let y = 40;
  for (const { figure, besides } of rows) {
    const aim = aimOf(figure);
    parts.push(text(0, y, aim === undefined ? figure.what : `${figure.what} (aim: ${aim.words})`));
    const bars = [
      { value: figure.value, words: shown(figure.value) },
      ...besides.map(({ what, value }) => {
        return { value, words: `${shown(value)} ${what}: ${ratio(figure.value, value)}` };
      }),
    ];
    for (const [at, { value, words }] of bars.entries()) {
      y += LINE;
      const width = Math.max(1, Math.round(value * scale));
      const colour = COLOURS[at] ?? COLOURS[2];
      parts.push(`<rect x="0" y="${y - BAR + 2}" width="${width}" height="${BAR}" fill="${colour}"/>`);
      parts.push(text(width + 6, y - 1, words));
    }
    y += LINE + GAP;
  }
  const size = `width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}"`;
  const font = `font-family="sans-serif" font-size="13" fill="${TEXT}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${font}>\n${parts.join('\n')}\n</svg>\n`;
}

function text(x: number, y: number, words: string, more = ''): string {
  return `<text x="${x}" y="${y}"${more === '' ? '' : ` ${more}`}>${escaped(words)}</text>`;
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
