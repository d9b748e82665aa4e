// `npm run demo`: all that selfprov does, on this machine, without a phone. Arguments: a folder for what it leaves, var/demo
// unless given; `--docs` besides puts the run into README.md and docs/demo.svg.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { packageRoot } from '../../src/packageRoot.ts';
import { takePortsBetween } from '../../src/virtualPhone/freePorts.ts';
import { reasonOf } from '../../src/virtualPhone/phoneEvents.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import { picture } from './picture.ts';
import { prepareServer, type Server } from './server.ts';
import { tellStory } from './story.ts';
import { teller } from './teller.ts';

const [first, last] = (process.env['SELFPROV_TEST_PORTS'] ?? '').split('-').map(Number);
if (first !== undefined && last !== undefined) takePortsBetween(first, last);

const words = process.argv.slice(2);
const results = resolve(packageRoot, words.find((word) => !word.startsWith('--')) ?? 'var/demo');
const folder = mkdtempSync(join(tmpdir(), 'selfprov-demo-'));
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

const told = teller((line) => process.stdout.write(`${line}\n`));
const phones: Phone[] = [];
let server: Server | undefined;

const stopped = new Promise<'stopped'>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve('stopped'));
});

async function run(): Promise<void> {
  told.say('starting selfprov with an Asterisk of its own ...');
  server = await prepareServer(folder);
  await server.start();
  told.say('both are up');
  await tellStory({ server, teller: told, folder, results, onPhone: (phone) => phones.push(phone) });
}

async function close(): Promise<void> {
  await Promise.allSettled(phones.map((phone) => phone.close()));
  await server?.close();
}

const end = await Promise.race([run().then(() => 'told' as const), stopped]).catch((error: unknown) => ({ error }));
const step = told.step();
await close();
if (end === 'told') succeed();
process.exit(end === 'told' ? 0 : end === 'stopped' ? stop() : fail(end.error));

function succeed(): void {
  const text = `${told.lines.join('\n')}\n`;
  const svg = picture('A run of npm run demo, as it happened', told.drawn);
  writeFileSync(join(results, 'demo.txt'), text);
  writeFileSync(join(results, 'timeline.svg'), svg);
  rmSync(folder, { recursive: true, force: true });
  if (words.includes('--docs')) writeDocs(text);
  process.stdout.write(`
What the first caller heard       ${join(results, 'heard.wav')}
The time-line as a picture        ${join(results, 'timeline.svg')}
This text                         ${join(results, 'demo.txt')}

A phone for your own hand, beside "npm start": bin/selfprov phone
`);
}

function stop(): number {
  rmSync(folder, { recursive: true, force: true });
  process.stderr.write(`\ndemo: stopped in the step "${step}"; nothing is left running\n`);
  return 130;
}

function fail(error: unknown): number {
  process.stderr.write(`
demo: ${reasonOf(error)}
demo: that was in the step "${step}"; logs are in ${folder}: output.log, selfprov/selfprov.log, selfprov/asterisk/log/
`);
  return 1;
}

/** Between the marks of the README, and beside the other pages. */
function writeDocs(text: string): void {
  const readme = join(packageRoot, 'README.md');
  const page = readFileSync(readme, 'utf8');
  const [before, , after] = page.split(/(?<=<!-- demo -->\n)|(?=<!-- \/demo -->)/);
  const shown = `${before}\n\`\`\`\n${text}\`\`\`\n\n${after}`;
  writeFileSync(readme, shown);
  copyFileSync(join(results, 'timeline.svg'), join(packageRoot, 'docs/demo.svg'));
}
