import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunAs } from './plainAsterisk.ts';
import { PROGRAM } from './selfprovProcess.ts';
import { waitFor } from './wait.ts';

/** One command of a page of docs, with what the page shows of its answer. */
export interface Step {
  /** Of the section that it stands in. */
  readonly heading: string;
  readonly command: string;
  readonly shows: readonly string[];
}

/** The commands of all ```console blocks: a line that begins with `$` and what belongs to it. */
export function stepsOf(page: string): readonly Step[] {
  const steps: { heading: string; command: string; shows: string[] }[] = [];
  let [heading, isInside, untilEnd] = ['', false, false];
  for (const line of page.split('\n')) {
    const last = steps.at(-1);
    if (line.startsWith('```')) isInside = line === '```console';
    else if (!isInside) heading = /^#+ (.*)/.exec(line)?.[1] ?? heading;
    else if (last !== undefined && untilEnd) {
      last.command += `\n${line}`;
      untilEnd = line !== 'END';
    } else if (line.startsWith('$ ')) {
      steps.push({ heading, command: line.slice(2), shows: [] });
      untilEnd = line.includes("<<'END'");
    } else if (line.trim() !== '') last?.shows.push(line);
  }
  return steps;
}

/** Who walks through a page, on this machine and nowhere outside its folder. */
export interface Walker {
  /** Carries out every command of a section, in order, and gives what each said; rejects when the page shows something else. */
  through(heading: string): Promise<readonly string[]>;
  /** The same command as the page's own ones, for looking besides. */
  ask(command: string): Promise<string>;
  /** Ends what the page has left running. */
  close(): Promise<void>;
}

interface Walking {
  readonly page: string;
  /** Everything is in here. */
  readonly folder: string;
  /** What the page calls a place, and what it is here. */
  readonly places: ReadonlyMap<string, string>;
  /** Settings that the machine has by itself, in the page's example. */
  readonly settings: Readonly<Record<string, string>>;
  /** Where Asterisk's own files are. */
  readonly etc: string;
  /** Who `sudo -u selfprov` is; `undefined` where the tests may not change who they are. */
  readonly as: RunAs | undefined;
  /** Commands that the test carries out itself. */
  readonly own: Readonly<Record<string, () => Promise<void>>>;
  readonly health: string;
}

export async function walk({ page, folder, places, settings, etc, as, own, health }: Walking): Promise<Walker> {
  const steps = stepsOf(page);
  const bin = join(folder, 'shims');
  await mkdir(bin);
  const user = as === undefined ? '' : `setpriv --reuid ${as.uid} --regid ${as.gid} --clear-groups --`;
  const environment = Object.entries(settings).map(([name, value]) => `export ${name}='${value}'`);
  const scripts = {
    sudo: `if [ "$1" = -u ]; then shift 2; exec ${user} "$@"; fi\nexec "$@"`,
    selfprov: `${environment.join('\n')}\n[ "$1" != asterisk-files ] || { shift; set -- asterisk-files --etc ${etc} "$@"; }\nexec ${PROGRAM.join(' ')} "$@"`,
    // A new user has a home; a member of a group has got one more.
    adduser: `for word; do case $before in --home) mkdir -p "$word"; ${as === undefined ? ':' : `chown ${as.uid}:${as.gid} "$word"`};; esac; before=$word; done`,
    npm: 'exit 0',
  };
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, name), 0o755);
  }
  const here = (text: string): string =>
    [...places].reduce((all, [there, place]) => all.replaceAll(there, place), text);
  const there = (text: string): string =>
    [...places].reduceRight((all, [name, place]) => all.replaceAll(place, name), text);
  let serving: ChildProcess | undefined;
  let served = '';

  function run(command: string): Promise<{ readonly output: string; readonly failed: boolean }> {
    return new Promise((resolve) => {
      execFile(
        'sh',
        ['-c', `exec 2>&1\n${here(command)}`],
        { cwd: folder, env: environmentOf(bin) },
        (failure, output) => resolve({ output: there(output), failed: failure !== null }),
      );
    });
  }

  async function serve(command: string): Promise<void> {
    const child = spawn('sh', ['-c', `exec ${here(command)}`], {
      cwd: folder,
      env: environmentOf(bin),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (served += data.toString()));
    serving = child;
    await waitFor(async () => child.exitCode !== null || (await fetch(health)).ok, {
      what: () => `selfprov being well:\n${served.slice(-3000)}`,
      limit: 20_000,
      every: 50,
    });
    if (child.exitCode !== null) throw new Error(`selfprov ended:\n${served.slice(-3000)}`);
  }

  async function take({ command, shows }: Step): Promise<string> {
    const plain = command.replace(/ +# .*$/, '');
    const mine = own[plain];
    if (mine !== undefined) {
      await mine();
      return '';
    }
    if (plain.endsWith(' serve')) {
      await serve(plain);
      return '';
    }
    const { output, failed } = await run(plain);
    const isRefusal = shows[0]?.startsWith('selfprov: ') ?? false;
    if (failed !== isRefusal) throw new Error(`$ ${plain}\nhas ${failed ? '' : 'not '}failed:\n${output}`);
    const lines = output.split('\n');
    for (const shown of shows)
      if (!lines.some((line) => fits(line, shown)))
        throw new Error(`$ ${plain}\ndoes not say\n${shown}\nbut\n${output}`);
    return output;
  }

  return {
    async through(heading) {
      const its = steps.filter((step) => step.heading === heading);
      if (its.length === 0) throw new Error(`the page has no section "${heading}" with commands`);
      const said: string[] = [];
      for (const step of its) said.push(await take(step));
      return said;
    },
    ask: async (command) => (await run(command)).output,
    async close() {
      if (serving === undefined || serving.exitCode !== null) return;
      const gone = once(serving, 'exit');
      serving.kill('SIGTERM');
      await gone;
    },
  };
}

/** What is different at each site stands as `…` on the page; so do lines that are left out. */
function fits(line: string, shown: string): boolean {
  const parts = shown.trimEnd().split('…');
  let from = 0;
  for (const part of parts) {
    const at = line.indexOf(part.trim(), from);
    if (at < 0) return false;
    from = at + part.trim().length;
  }
  return true;
}

function environmentOf(bin: string): Readonly<Record<string, string>> {
  return { PATH: `${bin}:${process.env['PATH'] ?? ''}` };
}
