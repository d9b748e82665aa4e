import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/packageRoot.ts';
import { asteriskWith, directoriesOf, type PlainAsterisk } from './plainAsterisk.ts';

const FILES = join(packageRoot, 'test/fixtures/pbx');

/** Of the phone with this extension, as its site has configured it. */
export const ownPassword = (extension: string): string => `own-secret-of-${extension}`;

/**
 * An Asterisk as many sites have one: thirty users 1001 to 1030 in pjsip.conf, with voicemail, lamps, a queue, pick-up groups, a
 * carrier and a door. Nothing in it knows of selfprov.
 */
export function sitePbx(): Promise<PlainAsterisk> {
  return asteriskWith((folder, modules, ports) => {
    const values: Readonly<Record<string, string | number>> = {
      SIP_PORT: ports.sip,
      AMI_PORT: ports.ami,
      HTTP_PORT: ports.http,
      RTP_FIRST: ports.rtp,
      RTP_LAST: ports.rtp + 39,
    };
    const filled = readdirSync(FILES).map((name) => {
      const text = readFileSync(join(FILES, name), 'utf8');
      return [name, text.replace(/@([A-Z_]+)@/g, (_, value: string) => String(values[value]))] as const;
    });
    return { ...Object.fromEntries(filled), 'asterisk.conf': directoriesOf(folder, modules) };
  });
}
