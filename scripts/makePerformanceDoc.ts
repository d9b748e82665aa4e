/**
 * Writes docs/performance.md and its plots from what `npm run bench` has measured: `npx tsx scripts/makePerformanceDoc.ts`. A unit test fails
 * when they are not what this makes.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { packageRoot } from '../src/packageRoot.ts';
import { aimOf, type Figure } from './bench/figure.ts';
import { readMeasured, type Measured } from './bench/measured.ts';
import { ratio, rowsOf, shown, type Row } from './bench/print.ts';
import { ABOUT } from './performance/about.ts';
import { plot } from './performance/plot.ts';

export const PERFORMANCE_DOC = join(packageRoot, 'docs/performance.md');
export const PLOTS = join(packageRoot, 'docs/performance');

const QUICK = `**These figures are of a quick run**, with fewer devices and phones than the text says, on a machine that did other things too: they show
what is measured, and nothing that could be relied upon.`;

/** The page as it shall stand in the repository. */
export async function performanceDoc({ isQuick, machine, parts }: Measured): Promise<string> {
  const { date, processor, cores, memory, kernel, versions } = machine;
  const with_ = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const text = `# Performance

Made from what \`npm run bench\` has measured ([figures.json](performance/figures.json)) by \`npx tsx scripts/makePerformanceDoc.ts\`; do not edit.
Measured on ${date}: ${processor}, ${cores} cores, ${memory}, Linux ${kernel}, ${with_.join(', ')}.
${isQuick ? `\n${QUICK}\n` : ''}
A figure says little where nobody knows the machine: each stands beside a yardstick that was measured in the same run, and what
counts is how they compare. The server is the built \`bin/selfprov serve\` in a process of its own, with its log in a file and without
an Asterisk, which files do not need; so its memory is its own. It has one core, which the yardsticks have in their turn, and whoever asks has
another. Databases are filled through selfprov's own store: every second device has four lines and forty keys of its users, the others
are nobody's; what is in PostgreSQL was moved there by \`selfprov move-database\`. (_a–b_) are the least and the most of several times.

\`npm run bench\` measures everything again but REGISTERs, in less than twenty minutes; \`npm run bench files tftp\` some of it, and \`npm run bench -- --quick\` is for a
first look. \`test/e2e/performance.test.ts\` fails when files and first requests come to less than half of what they come to here, beside the
same bare node:http.

${sectionsOf(parts).map(section).join('\n\n')}
`;
  return format(text, { ...(await resolveConfig(PERFORMANCE_DOC)), parser: 'markdown' });
}

/** File name in `PLOTS` → SVG. */
export function performancePlots({ parts }: Measured): ReadonlyMap<string, string> {
  return new Map(
    sectionsOf(parts).flatMap(({ name, figures }) =>
      drawn(name, figures).map(({ file, unit, some }) => [
        file,
        plot(
          ABOUT[name].title,
          some.filter((each) => each.unit === unit),
        ),
      ]),
    ),
  );
}

type PartName = keyof typeof ABOUT;

interface Section {
  readonly name: PartName;
  readonly figures: readonly Figure[];
}

/** In the order in which the parts are told of. */
function sectionsOf(parts: Measured['parts']): readonly Section[] {
  return (Object.keys(ABOUT) as PartName[]).flatMap((name) => {
    const figures = parts[name];
    return figures === undefined ? [] : [{ name, figures }];
  });
}

/** One plot a unit. */
function drawn(
  name: PartName,
  figures: readonly Figure[],
): readonly { readonly file: string; readonly unit: string; readonly some: readonly Figure[] }[] {
  const some = figures.filter(ABOUT[name].isDrawn ?? (() => true));
  const units = [...new Set(some.map(({ unit }) => unit))];
  return units.map((unit, at) => ({ file: `${name}${at === 0 ? '' : `-${at + 1}`}.svg`, unit, some }));
}

function section({ name, figures }: Section): string {
  const { title, how } = ABOUT[name];
  const plots = drawn(name, figures).map(({ file, unit }) => `![${title}, ${unit}](performance/${file})`);
  const heads = ['What', 'Figure', 'Beside', 'Aim'];
  const lines = [heads, heads.map(() => '---'), ...rowsOf(figures).map(cells)];
  return `## ${title}\n\n${how}\n\n${lines.map((line) => `| ${line.join(' | ')} |`).join('\n')}\n\n${plots.join('\n\n')}`;
}

function cells({ figure, besides }: Row): readonly string[] {
  const { what, value, unit, spread } = figure;
  const aim = aimOf(figure);
  const apart = spread === undefined ? '' : ` (${spread.map(shown).join('–')})`;
  const others = besides.map((other) => `**${ratio(value, other.value)}** of ${shown(other.value)}, ${other.what}`);
  return [
    what,
    `${shown(value)} ${unit}${apart}`,
    others.join('<br>'),
    aim === undefined ? '' : `${aim.isMissed ? '**missed**: ' : ''}${aim.words}`,
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const measured = readMeasured();
  mkdirSync(PLOTS, { recursive: true });
  for (const file of readdirSync(PLOTS).filter((name) => name.endsWith('.svg'))) rmSync(join(PLOTS, file));
  for (const [file, svg] of performancePlots(measured)) writeFileSync(join(PLOTS, file), svg);
  writeFileSync(PERFORMANCE_DOC, await performanceDoc(measured));
}
