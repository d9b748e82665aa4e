import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/packageRoot.ts';
import { asteriskWith, directoriesOf, type PlainAsterisk, type RunAs } from './plainAsterisk.ts';

/** Texts of all files in a folder of Asterisk's own, and in its folders, by their place. */
export function filesIn(etc: string): Readonly<Record<string, string>> {
  const entries = readdirSync(etc, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const names = entries.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(names.map((name) => [name, readFileSync(name, 'utf8')]));
}

/** Of the phone with this extension, as its site has configured it. */
export const ownPassword = (extension: string): string => `own-secret-of-${extension}`;

/**
 * An Asterisk as many sites have one, in which nothing knows of selfprov. `pbx`: thirty users 1001 to 1030 in pjsip.conf, with
 * voicemail, lamps, a queue, pick-up groups, a carrier and a door. `freepbx`: files of the shape that FreePBX 17 writes, with three
 * users; facts from its core module's `PJSip.class.php` and `etc`, framework's `amp_conf/astetc` and arimanager's `etc`.
 */
export function sitePbx(kind: 'pbx' | 'freepbx' = 'pbx', as?: RunAs): Promise<PlainAsterisk> {
  const files = join(packageRoot, 'test/fixtures', kind);
  return asteriskWith((folder, modules, ports) => {
    const values: Readonly<Record<string, string | number>> = {
      SIP_PORT: ports.sip,
      AMI_PORT: ports.ami,
      HTTP_PORT: ports.http,
      RTP_FIRST: ports.rtp,
      RTP_LAST: ports.rtp + 39,
    };
    const filled = readdirSync(files).map((name) => {
      const text = readFileSync(join(files, name), 'utf8');
      return [name, text.replace(/@([A-Z_]+)@/g, (_, value: string) => String(values[value]))] as const;
    });
    return { ...Object.fromEntries(filled), 'asterisk.conf': directoriesOf(folder, modules) };
  }, as);
}
