import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/packageRoot.ts';
import { freePorts } from '../../src/virtualPhone/freePorts.ts';
import { waitFor } from '../../src/virtualPhone/wait.ts';

/** One line of selfprov's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** selfprov with a private Asterisk, as `npm start` runs it, in a folder and at ports of its own. */
export interface Server {
  /** What phones are told. */
  readonly url: string;
  /** `selfprov --json …` */
  cli<T>(...words: readonly string[]): Promise<T>;
  /** All that it has logged so far. */
  log(): Promise<readonly LogLine[]>;
  /** Resolves when both are up. */
  start(): Promise<void>;
  /** Ends both, also while they start. */
  close(): Promise<void>;
}

const PROGRAM = join(packageRoot, 'bin/selfprov');
const CALLS = 10;
const END_WITHIN_MS = 15_000;

export async function prepareServer(folder: string): Promise<Server> {
  const [http = 0, admin = 0, sip = 0, , ari = 0, ami = 0] = await freePorts(6);
  const [rtp = 0] = await freePorts(4 * CALLS);
  const directory = join(folder, 'selfprov');
  const env = {
    PATH: process.env['PATH'] ?? '',
    SELFPROV_DIR: directory,
    SELFPROV_HOST: '127.0.0.1',
    SELFPROV_LISTEN: '127.0.0.1',
    SELFPROV_PORT: String(http),
    SELFPROV_ADMIN_PORT: String(admin),
    SELFPROV_SIP_PORT: String(sip),
    SELFPROV_ARI_URL: `http://127.0.0.1:${ari}`,
    SELFPROV_AMI_PORT: String(ami),
    SELFPROV_CALLS: String(CALLS),
    SELFPROV_RTP_PORTS: `${rtp}-${rtp + 4 * CALLS - 1}`,
    // Then it names each prompt that it plays.
    SELFPROV_LOG_LEVEL: 'debug',
  };
  // Of its own, so that it reads none of a selfprov that is installed here.
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'selfprov.env'), '');

  let child: ChildProcess | undefined;
  let said = '';

  async function start(): Promise<void> {
    // In a process group of its own: a Ctrl-C is ours to pass on, when the phones are gone. It ends with us, whatever ends us.
    const selfprov = spawn('setpriv', ['--pdeathsig', 'TERM', '--', PROGRAM, 'start'], {
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = selfprov;
    for (const stream of [selfprov.stdout, selfprov.stderr])
      stream.on('data', (data: Buffer) => (said += data.toString()));
    await waitFor(() => isGone(selfprov) || said.includes('selfprov is running.'), {
      what: () => `the start of selfprov:\n${said}`,
      limit: 150_000,
      every: 50,
    });
    if (isGone(selfprov)) throw new Error(`selfprov has ended: ${said.trim().split('\n').at(-1)}`);
  }

  async function close(): Promise<void> {
    if (child !== undefined && !isGone(child)) {
      const [selfprov, gone] = [child, once(child, 'close')];
      selfprov.kill('SIGTERM');
      const tooLong = setTimeout(() => selfprov.kill('SIGKILL'), END_WITHIN_MS);
      await gone;
      clearTimeout(tooLong);
    }
    await writeFile(join(folder, 'output.log'), said);
  }

  return {
    url: `http://127.0.0.1:${http}/`,
    cli: async <T>(...words: readonly string[]) =>
      JSON.parse((await promisify(execFile)(PROGRAM, ['--json', ...words], { env })).stdout) as T,
    log: async () =>
      (await readFile(join(directory, 'selfprov.log'), 'utf8'))
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as LogLine),
    start,
    close,
  };
}

function isGone({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
