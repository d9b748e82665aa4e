import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/packageRoot.ts';
import { dhcpSnippet } from '../../src/phones/dhcp/dhcp.ts';
import { loadFamilies } from '../../src/phones/catalog/loadFamilies.ts';
import { templates } from '../support/phoneFacts.ts';

const URL = 'http://192.0.2.10:8480/';

/** Throws with what the program said when it refuses the file. */
function check(program: string, ...args: readonly string[]): void {
  execFileSync(program, args, { stdio: 'pipe', env: { PATH: '/usr/sbin:/sbin:/usr/bin:/bin' } });
}

describe('The configuration of a DHCP server', () => {
  for (const [name, directory] of [
    ['all shipped families', templates],
    ['made-up ones', join(packageRoot, 'test/fixtures/dhcp')],
  ] as const) {
    describe(`for ${name}`, () => {
      let folder: string;
      before(() => {
        folder = mkdtempSync(join(tmpdir(), 'dhcp-'));
      });
      after(() => rmSync(folder, { recursive: true }));

      it('is what dnsmasq takes', () => {
        const file = join(folder, 'dnsmasq.conf');
        writeFileSync(file, dhcpSnippet(loadFamilies([directory]), 'dnsmasq', URL));
        check('dnsmasq', '--test', `--conf-file=${file}`);
      });

      it('is what Kea takes', () => {
        const file = join(folder, 'kea.json');
        writeFileSync(file, `{ "Dhcp4": {\n${dhcpSnippet(loadFamilies([directory]), 'kea', URL)}} }\n`);
        check('kea-dhcp4', '-t', file);
      });
    });
  }
});
