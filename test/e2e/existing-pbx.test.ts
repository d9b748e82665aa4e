import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startCaller, type Caller } from '../support/caller.ts';
import { callAndKey } from '../support/callAndKey.ts';
import { freePorts } from '../support/freePorts.ts';
import { bootPhone } from '../support/phone.ts';
import type { Phone } from '../support/phoneTypes.ts';
import type { PlainAsterisk } from '../support/plainAsterisk.ts';
import { registeringPhone } from '../support/registeringPhone.ts';
import { runCli, selfprovProcess, type SelfprovProcess } from '../support/selfprovProcess.ts';
import { ownPassword, sitePbx } from '../support/sitePbx.ts';
import { waitFor } from '../support/wait.ts';

const MAC = '001565ce0001';

interface Adopted {
  readonly pin: string;
  readonly warning: string | null;
  readonly left: readonly string[];
}

describe('Beside an Asterisk with thirty users of its own', function () {
  this.timeout(120_000);
  let pbx: PlainAsterisk;
  let directory: string;
  let etc: string;
  let untouched: Readonly<Record<string, string>>;
  let selfprov: SelfprovProcess;
  let url: string;
  let env: Readonly<Record<string, string>>;
  const cli = <T = unknown>(...args: readonly string[]): Promise<T> => runCli<T>(env, args);

  async function files(): Promise<Readonly<Record<string, string>>> {
    const names = await readdir(etc);
    const texts = await Promise.all(names.map((name) => readFile(join(etc, name), 'utf8')));
    return Object.fromEntries(names.map((name, at) => [name, texts[at] ?? '']));
  }

  before(async () => {
    pbx = await sitePbx();
    etc = join(pbx.folder, 'etc');
    untouched = await files();
    await pbx.start();
    directory = await mkdtemp(join(tmpdir(), 'selfprov-site-'));
    const [http = 0, admin = 0] = await freePorts(2);
    url = `http://127.0.0.1:${http}/`;
    env = {
      PATH: process.env['PATH'] ?? '',
      SELFPROV_CONFIG: join(directory, 'selfprov.env'),
      SELFPROV_DIR: directory,
      SELFPROV_HOST: '127.0.0.1',
      SELFPROV_PORT: String(http),
      SELFPROV_ADMIN_PORT: String(admin),
      SELFPROV_SIP_PORT: String(pbx.sipPort),
      SELFPROV_USERS_CONTEXT: 'internal',
      SELFPROV_EMERGENCY_NUMBERS: '112,110',
    };
    selfprov = selfprovProcess(
      { PATH: env['PATH'] ?? '', SELFPROV_CONFIG: env['SELFPROV_CONFIG'] ?? '' },
      `http://127.0.0.1:${admin}`,
    );
  });
  after(async () => {
    await selfprov.stop('SIGTERM');
    await pbx.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('says what it would change in the files of that Asterisk, and changes nothing', async () => {
    const said = await cli<{ applied: boolean; changes: { file: string; diff: string[] }[] }>(
      ...['asterisk-files', join(directory, 'asterisk'), '--etc', etc, '--dry-run'],
    );
    expect(said.applied).to.equal(false);
    expect(said.changes.map(({ file }) => file)).to.include.members(['pjsip.conf', 'extensions.conf', 'http.conf']);
    expect(await files()).to.deep.equal(untouched);
  });

  it('puts itself in, and is well after one restart of Asterisk, with nothing but the file of settings', async () => {
    const said = await cli<{ needsRestart: boolean }>(
      'asterisk-files',
      join(directory, 'asterisk'),
      '--etc',
      etc,
      '--apply',
    );
    expect(said.needsRestart).to.equal(true);
    await pbx.stop();
    await pbx.start();
    env = { PATH: env['PATH'] ?? '', SELFPROV_CONFIG: env['SELFPROV_CONFIG'] ?? '' };
    await selfprov.start();
  });

  it('leaves all phones of the site as they are', async () => {
    const old = await registeringPhone({
      sipPort: pbx.sipPort,
      aor: '1004',
      authName: '1004',
      password: ownPassword('1004'),
    });
    expect(await old.register(60)).to.equal(200);
    expect(await old.register(0)).to.equal(200);
    old.close();
  });

  describe('a user of its own who is adopted', () => {
    let old: Caller;
    let phone: Phone;
    let adopted: Adopted;
    after(async () => {
      await phone.close();
      await old.close();
    });

    it('has the PIN printed, and nothing is left to do', async () => {
      adopted = await cli<Adopted>('user', 'adopt', '1004');
      expect(adopted).to.deep.include({ name: 'Daniel Eriksen', warning: null, left: [] });
    });

    it('sets up a phone by a call, while the old one goes on registering with the password of before', async () => {
      const account = { user: '1004', authName: '1004', password: ownPassword('1004') };
      old = await startCaller({ sipPort: pbx.sipPort, ...account, tone: 900 });
      phone = await bootPhone({ family: 'yealink', mac: MAC, provisioningUrl: url });
      await phone.registered();
      const call = await callAndKey(phone, '*55', `1004#${adopted.pin}#1`);
      await call.ended(30_000);
      const line = await phone.registered({ as: '1004', limit: 30_000 });
      expect(line.authUser).to.equal(`1004-${MAC}`);
      const steps = async (): Promise<readonly string[]> =>
        (await cli<{ events: { step: string }[] }>('device', 'show', MAC)).events.map(({ step }) => step);
      await waitFor(async () => (await steps()).includes('done'), { what: 'the end of the hand-over', limit: 20_000 });
    });

    it('is called at both phones at once', async () => {
      const shown = await pbx.cli('pjsip show aor 1004');
      expect(shown.match(/Contact:/g)).to.have.length.at.least(2);
    });

    it('gives it back: the phone is out at once, and the old one still registers', async () => {
      await cli('device', 'release', MAC);
      await phone.registered({ as: `phone-${MAC}`, limit: 30_000 });
      const still = await registeringPhone({
        sipPort: pbx.sipPort,
        aor: '1004',
        authName: '1004',
        password: ownPassword('1004'),
      });
      expect(await still.register(60)).to.equal(200);
      await still.register(0);
      still.close();
    });
  });

  describe('at the end', () => {
    it('takes itself out again: every file is as it was', async () => {
      await cli('asterisk-files', join(directory, 'asterisk'), '--etc', etc, '--remove');
      expect(await files()).to.deep.equal(untouched);
    });
  });
});
