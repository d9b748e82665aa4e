import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/packageRoot.ts';
import { waitFor } from './wait.ts';

const EXAMPLES = join(packageRoot, 'docs/examples');

/** Kamailio with the example configuration. */
export interface Kamailio {
  readonly port: number;
  close(): Promise<void>;
}

/** Before the Asterisks at these ports, the first one first; all on 127.0.0.1. */
export async function startKamailio(port: number, asterisks: readonly number[]): Promise<Kamailio> {
  const directory = await mkdtemp(join(tmpdir(), 'selfprov-kamailio-'));
  const [config, list] = [join(directory, 'kamailio.cfg'), join(directory, 'asterisks.list')];
  const example = await readFile(join(EXAMPLES, 'kamailio.cfg'), 'utf8');
  const own = example
    .replace('udp:10.0.0.5:5060', `udp:127.0.0.1:${port}`)
    .replace('/etc/kamailio/kamailio-asterisks.list', list)
    .replace('children = 4', 'children = 2');
  await writeFile(config, own);
  await writeFile(list, asterisks.map((sip, at) => `1 sip:127.0.0.1:${sip} 0 ${asterisks.length - at}\n`).join(''));
  let output = '';
  const bound = ['--pdeathsig', 'TERM', '--', '/usr/sbin/kamailio'];
  // In the foreground, with its run folder where it may write.
  const kamailio = spawn('setpriv', [...bound, '-DD', '-E', '-f', config, '-Y', directory, '-m', '16', '-M', '4'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [kamailio.stdout, kamailio.stderr])
    stream.on('data', (data: Buffer) => (output += String(data)));
  const ended = once(kamailio, 'exit');
  const close = async (): Promise<void> => {
    if (kamailio.exitCode === null) kamailio.kill('SIGTERM');
    await ended;
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await waitFor(() => kamailio.exitCode !== null || answers(port), {
      what: () => `Kamailio:\n${output.slice(-2000)}`,
      limit: 10_000,
      every: 100,
    });
    if (kamailio.exitCode !== null) throw new Error(`Kamailio ended:\n${output.slice(-2000)}`);
    return { port, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Whether it passes a question on to an Asterisk that lives. */
async function answers(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const own = `127.0.0.1:${socket.address().port}`;
  const answer = new Promise<boolean>((resolve) => {
    socket.once('message', (data) => resolve(!data.toString().startsWith('SIP/2.0 5')));
    setTimeout(resolve, 500, false);
  });
  const lines = [
    `OPTIONS sip:127.0.0.1:${port} SIP/2.0`,
    `Via: SIP/2.0/UDP ${own};branch=z9hG4bK${Date.now()};rport`,
    'Max-Forwards: 70',
    'From: <sip:test@127.0.0.1>;tag=1',
    'To: <sip:test@127.0.0.1>',
    `Call-ID: ${Date.now()}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
  ];
  socket.send(`${lines.join('\r\n')}\r\n\r\n`, port, '127.0.0.1');
  try {
    return await answer;
  } finally {
    socket.close();
  }
}
