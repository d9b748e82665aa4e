import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { waitFor, within } from './wait.ts';

/** A real Linphone: the program of Debian's package linphone-cli. */
export interface Linphone {
  /** Starts the app; it fetches its configuration first. */
  open(): Promise<void>;
  /** Dials; resolves when the other side has answered. */
  dial(number: string): Promise<void>;
  /** Presses keys in the call, a finger's time apart. */
  press(keys: string): Promise<void>;
  /** Resolves when there is no call any more. */
  callEnded(): Promise<void>;
  /** Closes the app; what it was configured with stays. */
  close(): Promise<void>;
  remove(): Promise<void>;
}

/** Tones of 100 ms and the gap between them. */
const KEY_MS = 200;

/**
 * An app on a computer of its own that has been told nothing but where to fetch its configuration, and whose certificates
 * to believe (PEM).
 */
export async function installLinphone(provisioningUrl: string, authority = ''): Promise<Linphone> {
  const home = await mkdtemp(join(tmpdir(), 'linphone-'));
  const config = join(home, 'linphonerc');
  await mkdir(join(home, '.local/share/linphone'), { recursive: true });
  await writeFile(join(home, 'ca.crt'), authority);
  // Any free port, and no sound card.
  await writeFile(
    config,
    `[misc]\nconfig-uri=${provisioningUrl}\n[sip]\nsip_port=-1\nsip_tcp_port=-1\nsip_tls_port=-1\nroot_ca=${join(home, 'ca.crt')}\n[rtp]\naudio_rtp_port=-1\n`,
    { mode: 0o600 },
  );
  let app: ReturnType<typeof start> | undefined;

  function start() {
    const process_ = spawn('linphone-daemon', ['--config', config], {
      env: { ...process.env, HOME: home },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let output = '';
    process_.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    return { process: process_, gone: once(process_, 'exit'), said: () => output };
  }

  function running(): ReturnType<typeof start> {
    if (app === undefined) throw new Error('Linphone is not open');
    return app;
  }

  async function close(): Promise<void> {
    if (app === undefined) return;
    const { process: child, gone } = app;
    app = undefined;
    child.stdin.end('quit\n');
    try {
      await within(gone, { what: 'the end of Linphone', limit: 10_000 });
    } catch {
      child.kill('SIGKILL');
      await gone;
    }
  }

  async function command(text: string): Promise<string> {
    const { process: child, said } = running();
    const before = said().length;
    child.stdin.write(`${text}\n`);
    await waitFor(() => /^Status: \w+/m.test(said().slice(before)), { what: `an answer to ${text}` });
    return said().slice(before);
  }

  return {
    async open() {
      app = start();
      await waitFor(() => running().said().includes('daemon-linphone>'), { what: 'Linphone', limit: 10_000 });
    },
    async dial(number) {
      await command(`call sip:${number}@127.0.0.1`);
      const answered = async (): Promise<boolean> => (await command('call-status')).includes('StreamsRunning');
      await waitFor(answered, { what: `${number} answering`, limit: 10_000, every: 100 });
    },
    async press(keys) {
      for (const key of keys) {
        await command(`dtmf ${key}`);
        await pause(KEY_MS);
      }
    },
    async callEnded() {
      const ended = async (): Promise<boolean> => (await command('call-status')).includes('Status: Error');
      await waitFor(ended, { what: 'the end of the call', limit: 30_000, every: 200 });
    },
    close,
    async remove() {
      await close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
