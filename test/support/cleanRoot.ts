import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/packageRoot.ts';
import { waitFor } from './wait.ts';

const run = promisify(execFile);

/** A Debian in a folder, with processes and mounts of its own that nobody else sees. */
export interface CleanRoot {
  readonly folder: string;
  /** A command line in it, as root; rejects with what it says when it fails. */
  sh(line: string): Promise<string>;
  /** One that goes on; `said` is what it has printed. */
  start(line: string): { readonly process: ChildProcess; readonly said: () => string };
  /** Shows a folder of this machine there, to read. Gives what takes it away again. */
  show(folder: string, at: string): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** Where the archive is that this machine's own Debian comes from. */
async function mirror(): Promise<string> {
  const { stdout } = await run('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI) $(COMPONENT)',
    'Created-By: Packages',
  ]);
  const uris = stdout.split('\n').flatMap((line) => /^(\S+\/debian)\/? main$/.exec(line)?.[1] ?? []);
  return uris[0] ?? 'http://deb.debian.org/debian';
}

/** Debian 13, whose Node.js is new enough, made once and kept in `.cache`: it takes half a minute. */
async function archive(): Promise<string> {
  const file = join(packageRoot, '.cache/trixie.tar');
  if (existsSync(file)) return file;
  await mkdir(join(packageRoot, '.cache'), { recursive: true });
  const draft = `${file}.${process.pid}.tar`;
  const options = [
    '--variant=minbase',
    '--include=nodejs,adduser,curl,logrotate',
    '--aptopt=Acquire::Check-Valid-Until "false"',
  ];
  await run('mmdebstrap', [...options, 'trixie', draft, await mirror()], { maxBuffer: 1e8, timeout: 300_000 });
  await rename(draft, file);
  return file;
}

/** Root only. */
export async function cleanRoot(): Promise<CleanRoot> {
  const tar = await archive();
  const folder = await mkdtemp(join(tmpdir(), 'selfprov-root-'));
  await run('tar', ['-xf', tar, '-C', folder, '--exclude=./dev/*']);
  const script = `mount --make-rprivate / && mount -t proc proc ${folder}/proc && mount --rbind /dev ${folder}/dev && echo up && exec sleep infinity`;
  const first = spawn('unshare', ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(first.stdout, 'data');
  const children = await readFile(`/proc/${first.pid}/task/${first.pid}/children`, 'utf8');
  const inside = ['--target', children.trim(), '--mount', '--pid'];
  const inRoot = (line: string): string[] => [
    ...inside,
    ...[
      'chroot',
      folder,
      'env',
      '-i',
      'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
      'DEBIAN_FRONTEND=noninteractive',
      'HOME=/root',
    ],
    ...['sh', '-c', line],
  ];
  const processes: ChildProcess[] = [];
  return {
    folder,
    async sh(line) {
      const { stdout, stderr } = await run('nsenter', inRoot(line), { maxBuffer: 1e8 });
      return stdout + stderr;
    },
    start(line) {
      const child = spawn('nsenter', inRoot(line), { stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (data: Buffer) => (output += data.toString()));
      processes.push(child);
      return { process: child, said: () => output };
    },
    async show(from, at) {
      const place = join(folder, at);
      await run('nsenter', [...inside, 'mount', '--bind', from, place]);
      await run('nsenter', [...inside, 'mount', '-o', 'remount,bind,ro', place]);
      return async () => void (await run('nsenter', [...inside, 'umount', place]));
    },
    async close() {
      first.kill('SIGKILL');
      await waitFor(() => !existsSync(`/proc/${children.trim()}`), {
        what: 'the end of all that runs there',
        limit: 20_000,
      });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
