import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** First and last of the ports that sound comes to. */
export interface RtpPorts {
  readonly rtpFirst: number;
  readonly rtpLast: number;
}

/** Those of an Asterisk that is not told: rtp.conf says what a file without a word means. */
const USUAL: RtpPorts = { rtpFirst: 5000, rtpLast: 31_000 };
const USUAL_FOLDER = '/etc/asterisk';

/**
 * Which other Asterisk of this machine takes ports of this range for sound, in words: two that have the same ports take them from each
 * other, call by call. `own` is the folder of our own one's configuration. Empty where there is none, or none that we may look at.
 */
export async function othersWith({ rtpFirst, rtpLast }: RtpPorts, own: string): Promise<readonly string[]> {
  const said: string[] = [];
  for (const { pid, folder } of await runningAsterisks()) {
    if (folder === own) continue;
    const its = await rtpPortsIn(folder);
    if (its === undefined || its.rtpFirst > rtpLast || its.rtpLast < rtpFirst) continue;
    said.push(
      `SELFPROV_RTP_PORTS: ${rtpFirst}-${rtpLast} are ports of another Asterisk too (process ${pid}, ${folder}/rtp.conf: ${its.rtpFirst}-${its.rtpLast}): ` +
        'give each its own, or calls of both may be without sound',
    );
  }
  return said;
}

async function runningAsterisks(): Promise<readonly { readonly pid: string; readonly folder: string }[]> {
  const found = [];
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (!isAsterisk(words)) continue;
    const config = words[words.indexOf('-C') + 1];
    found.push({ pid, folder: words.includes('-C') && config !== undefined ? dirname(config) : USUAL_FOLDER });
  }
  return found;
}

/** A private copy is run by a loader of its own; what asks one that runs (`asterisk -rx`) is none. */
function isAsterisk([program = '', ...words]: readonly string[]): boolean {
  const isLoaded = basename(program).startsWith('ld-linux') && words.some((word) => word.endsWith('/sbin/asterisk'));
  return (isLoaded || basename(program) === 'asterisk') && !words.some((word) => /^-\w*[rx]/.test(word));
}

async function rtpPortsIn(folder: string): Promise<RtpPorts | undefined> {
  const text = await readFile(join(folder, 'rtp.conf'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const said = (name: string, usual: number): number =>
    Number(new RegExp(`^\\s*${name}\\s*=>?\\s*(\\d+)`, 'm').exec(text)?.[1] ?? usual);
  return { rtpFirst: said('rtpstart', USUAL.rtpFirst), rtpLast: said('rtpend', USUAL.rtpLast) };
}
