import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startCaller, type Caller } from '../support/caller.ts';
import { callAndKey } from '../support/callAndKey.ts';
import { freePorts } from '../support/freePorts.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import type { PlainAsterisk } from '../support/plainAsterisk.ts';
import { registerOnce } from '../../src/virtualPhone/registeringPhone.ts';
import { runCli, selfprovProcess, type SelfprovProcess } from '../support/selfprovProcess.ts';
import { filesIn, ownPassword, sitePbx } from '../support/sitePbx.ts';

interface Adopted {
  readonly pin: string;
  readonly warning: string | null;
  readonly left: readonly string[];
}

interface Applied {
  readonly changes: readonly { readonly file: string }[];
  readonly needsRestart: boolean;
  readonly reloaded: boolean;
  readonly warnings: readonly string[] | null;
}

describe('Beside files as FreePBX writes them', function () {
  this.timeout(120_000);
  let pbx: PlainAsterisk;
  let etc: string;
  let directory: string;
  let untouched: Readonly<Record<string, string>>;
  let env: Readonly<Record<string, string>>;
  let selfprov: SelfprovProcess;
  let url: string;
  let mia: Caller;
  let phone: Phone;
  const cli = <T = unknown>(...args: readonly string[]): Promise<T> => runCli<T>(env, args);
  const apply = (...more: readonly string[]): Promise<Applied> =>
    cli('asterisk-files', join(etc, 'selfprov'), '--etc', etc, '--apply', ...more);
  const refused = (work: Promise<unknown>): Promise<string> => work.then(() => 'not refused', String);

  before(async () => {
    pbx = await sitePbx('freepbx');
    etc = join(pbx.folder, 'etc');
    untouched = filesIn(etc);
    await pbx.start();
    directory = await mkdtemp(join(tmpdir(), 'selfprov-freepbx-'));
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
      SELFPROV_USERS_CONTEXT: 'from-internal',
      SELFPROV_EMERGENCY_NUMBERS: '911',
      SELFPROV_EMERGENCY_CONTEXT: 'from-internal',
    };
    selfprov = selfprovProcess(
      { PATH: env['PATH'] ?? '', SELFPROV_CONFIG: env['SELFPROV_CONFIG'] ?? '' },
      `http://127.0.0.1:${admin}`,
    );
  });
  after(async () => {
    await phone.close();
    await mia.close();
    await selfprov.stop('SIGTERM');
    await pbx.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('names the feature codes that are taken, and free ones, before it writes anything', async () => {
    const said = await refused(apply());
    expect(said).to.contain('SELFPROV_EXTENSION  *55 is taken in [ext-intercom] (Answer); free is *155');
    expect(said).to.contain('SELFPROV_RELEASE_EXTENSION  *56 is taken').and.not.to.contain('*57 is taken');
    expect(filesIn(etc)).to.deep.equal(untouched);
  });

  it('writes into the files that FreePBX leaves to others, and works after one restart', async () => {
    env = { ...env, SELFPROV_EXTENSION: '*155', SELFPROV_RELEASE_EXTENSION: '*156' };
    const { changes, needsRestart } = await apply();
    expect(changes.map(({ file }) => file)).to.have.members([
      'pjsip.endpoint_custom_post.conf',
      'extensions_custom.conf',
      'manager_custom.conf',
      'extconfig_custom.conf',
      'ari_additional_custom.conf',
      'sorcery.conf',
      'res_config_sqlite3.conf',
    ]);
    expect(needsRestart).to.equal(true);
    await pbx.stop();
    await pbx.start();
    await selfprov.start();
    expect(await apply()).to.deep.include({ changes: [], reloaded: true, warnings: [] });
  });

  it('stands as it was when FreePBX has written its own files anew', async () => {
    await pbx.cli('core reload');
    expect((await apply()).changes).to.deep.equal([]);
  });

  it('warns before a new phone would push an old one out: Max Contacts is 1', async () => {
    expect((await cli<Adopted>('user', 'adopt', '2002')).warning).to.contain('has room for 1 registration');
  });

  it('sets up a phone of an adopted extension by a call, which others call as before', async () => {
    const { pin, left } = await cli<Adopted>('user', 'adopt', '2001', '--slots', '2');
    expect(left).to.deep.equal([]);
    const account = { user: '2003', authName: '2003', password: ownPassword('2003') };
    mia = await startCaller({ sipPort: pbx.sipPort, ...account, tone: 800 });
    phone = await bootPhone({ family: 'yealink', mac: '001565ce0002', provisioningUrl: url });
    await phone.registered();
    const call = await callAndKey(phone, '*155', `2001#${pin}#1`);
    await call.ended(30_000);
    await phone.registered({ as: '2001', limit: 30_000 });
    const outgoing = await mia.dial('2001');
    const incoming = await phone.rings();
    expect(incoming.callerId).to.deep.equal({ number: '2003', name: 'Olga Tall' });
    await incoming.answer();
    await outgoing.hearsTone(phone.tone);
    await outgoing.hangUp();
    await incoming.ended();
  });

  it('gives the phone back by a call from it, with the PIN; the secret of before goes on registering', async () => {
    const { pin } = await cli<Adopted>('user', 'new-pin', '2001');
    const call = await callAndKey(phone, '*156', `${pin}#1`);
    await call.ended(30_000);
    await phone.registered({ as: 'phone-001565ce0002', limit: 20_000 });
    expect(await pbx.cli('pjsip show contacts')).not.to.match(/Contact: +2001/);
    const account = { aor: '2001', authName: '2001', password: ownPassword('2001') };
    expect(await registerOnce({ sipPort: pbx.sipPort, ...account })).to.equal(200);
  });

  it('is taken out: every file is as it was', async () => {
    await cli('asterisk-files', '--etc', etc, '--remove');
    expect(filesIn(etc)).to.deep.equal(untouched);
  });
});
