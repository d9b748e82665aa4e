import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SelfprovError } from '../domain/errors.ts';
import { baresipControl, type BaresipEvent } from './baresipControl.ts';
import { freePorts } from './freePorts.ts';
import { sipTrace, type SipMessage } from './sipTrace.ts';
import { within } from './wait.ts';

export interface BaresipOptions {
  /** A loopback address; SIP over UDP and sound come from it. SIP over TCP and TLS always comes from 127.0.0.1. */
  readonly address: string;
  /** baresip takes the next port too, for SIP over TLS. */
  readonly sipPort: number;
  /** Whose certificates it believes over TLS, PEM; with none it believes every server. */
  readonly authority?: string | undefined;
  /** The tone it sends in every call, hertz. */
  readonly tone: number;
  /** A folder for recordings of its calls, which stay there; its own, which goes with it, unless given. */
  readonly recordings?: string | undefined;
  readonly onEvent: (event: BaresipEvent) => void;
  /** Every SIP message in and out. */
  readonly onMessage: (message: SipMessage) => void;
}

export interface Baresip {
  readonly pid: number;
  /** Where the recordings of its calls are: `dump-<time>-dec.wav` is what it heard. */
  readonly recordings: string;
  command(name: string, params?: string): Promise<string>;
  /** `unregister`: says goodbye to the registrar and ends. `unplug`: is gone at once, its registration stands. */
  end(how: 'unregister' | 'unplug'): Promise<void>;
}

const AUTHORITY = 'ca.crt';

/**
 * Only these modules: no sound card, no window, no STUN, no DNS. No jitter buffer either: on loopback nothing jitters, and where the
 * first packet comes a moment after the answer this one plays none of the call, one time in seven.
 */
const config = (options: BaresipOptions, controlPort: number, folder: string): string => `
poll_method epoll
sip_listen ${options.address}:${options.sipPort}
net_interface ${options.address}
${options.authority === undefined ? '' : `sip_cafile ${join(folder, AUTHORITY)}`}
rtp_ports 10000-19999
jitter_buffer_delay 0-10
call_local_timeout 120
call_max_calls 4
audio_source ausine,${options.tone}
audio_player aubridge,heard
audio_alert aubridge,alert
ausrc_srate 48000
ausrc_channels 2
ringback_disabled yes
menu_bell no
snd_path ${options.recordings ?? folder}
module_path /usr/lib/baresip/modules
module g711.so
module sndfile.so
module ausine.so
module aubridge.so
module srtp.so
module_tmp uuid.so
module_app ctrl_tcp.so
module_app menu.so
ctrl_tcp_listen ${options.address}:${controlPort}
`;

function whyNot(said: string): Error {
  if (!/failed to execute baresip|ctrl_tcp\.so/.test(said)) return new Error(`baresip ended:\n${said}`);
  return new SelfprovError(
    'not_found',
    'there is no baresip here, which registers and calls: sudo apt-get install baresip-core',
  );
}

const folders = new Set<string>();
process.once('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/**
 * Starts baresip, a SIP user agent of Debian, without an account: `uanew` adds one. It ends when this process ends, however
 * that happens, and does not keep it from ending.
 */
export async function startBaresip(options: BaresipOptions): Promise<Baresip> {
  const folder = await mkdtemp(join(tmpdir(), 'baresip-'));
  const [controlPort = 0] = await freePorts(1, options.address);
  folders.add(folder);
  await writeFile(join(folder, 'config'), config(options, controlPort, folder));
  if (options.authority !== undefined) await writeFile(join(folder, AUTHORITY), options.authority);

  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'baresip', '-f', folder, '-s'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const gone = once(child, 'close').catch(() => {});
  for (const handle of [child, child.stdout as Socket, child.stderr as Socket]) handle.unref();
  const readTrace = sipTrace(options.onMessage);
  let said = '';
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      readTrace(text);
      said = (said + text).slice(-10_000);
      if (said.includes('baresip is ready.')) resolve();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.once('error', reject).once('close', () => reject(whyNot(said)));
  });

  async function end(how: 'unregister' | 'unplug'): Promise<void> {
    child.kill(how === 'unregister' ? 'SIGTERM' : 'SIGKILL');
    const tooLong = setTimeout(() => child.kill('SIGKILL'), 3000);
    await gone;
    clearTimeout(tooLong);
    await rm(folder, { recursive: true, force: true });
    folders.delete(folder);
  }

  try {
    await within(ready, { what: 'the start of baresip' });
    const control = await baresipControl(controlPort, options.address, options.onEvent);
    return { pid: child.pid ?? 0, recordings: options.recordings ?? folder, command: control.command, end };
  } catch (error) {
    await end('unplug');
    throw error;
  }
}
