import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
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
  /** At an old phone of 1001. */
  let ann: Caller;
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
    await ann.close();
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

  it('has looked whether the dialplan that runs fits: emergency numbers lead out, one of its own numbers is taken', async () => {
    const again = () =>
      cli<{ changes: unknown[]; warnings: string[] }>(
        ...['asterisk-files', join(directory, 'asterisk'), '--etc', etc, '--apply'],
      );
    const { changes, warnings } = await again();
    expect(changes).to.deep.equal([]);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.contain('*57 is taken in [features]').and.to.contain('--number-extension *155');
    await cli('tenant', 'set', '--number-extension', '*155', '--emergency', '112,118');
    const [missing, ...others] = (await again()).warnings;
    expect(missing).to.contain('118').and.to.contain('leads nowhere from [emergency]');
    expect(others).to.deep.equal([]);
    await cli('tenant', 'set', '--emergency', '112,110');
  });

  it('gives no new user a number that the site has: its own users can be adopted', async () => {
    const refused = async (extension: string): Promise<string> => {
      const adding = cli('user', 'add', extension, '--name', 'New').then(
        () => 'not refused',
        (error: unknown) => String(error),
      );
      return adding;
    };
    expect(await refused('1005')).to.contain('selfprov user adopt 1005');
    expect(await refused('700')).to.contain('700 is an extension of [internal] already (Answer)');
    const { warning } = await cli<{ warning: string | null }>('user', 'add', '1500', '--name', 'New');
    expect(warning).to.contain('nobody can call 1500');
  });

  it('leaves all phones of the site as they are', async () => {
    const its = { user: '1001', authName: '1001', password: ownPassword('1001') };
    ann = await startCaller({ sipPort: pbx.sipPort, ...its, tone: 800 });
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

  async function lamp(extension: string, state: string): Promise<void> {
    const hint = async (): Promise<boolean> =>
      new RegExp(`${extension}@\\S+ .*State:${state}`).test(await pbx.cli(`core show hint ${extension}`));
    await waitFor(hint, { what: `the lamp of ${extension} showing ${state}`, limit: 10_000, every: 100 });
  }

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

    it('is called at the old phone and at the new one, which shows who calls', async () => {
      const [outgoing, atOld, atNew] = [await ann.dial('1004'), await old.rings(), await phone.rings()];
      expect(atOld.callerId.number).to.equal('1001');
      expect(atNew.callerId).to.deep.equal({ number: '1001', name: 'Anna Berg' });
      await atNew.answer();
      await outgoing.established();
      await atOld.ended();
      await outgoing.hearsTone(phone.tone);
      await atNew.hearsTone(800);
      await outgoing.hangUp();
      await atNew.ended();
    });

    it('calls with the name and number that the site gives it, and is shown as busy meanwhile', async () => {
      const outgoing = await phone.dial('1001');
      const incoming = await ann.rings();
      expect(incoming.callerId).to.deep.equal({ number: '1004', name: 'Daniel Eriksen' });
      await incoming.answer();
      await outgoing.established();
      await lamp('1004', 'InUse');
      await outgoing.hangUp();
      await lamp('1004', 'Idle');
    });

    it('has the lamp for messages lit by a message for its mailbox', async () => {
      const waiting = (): boolean =>
        phone.messages.some(({ method, body }) => method === 'NOTIFY' && /Messages-Waiting: yes/i.test(body));
      expect(waiting()).to.equal(false);
      const box = join(pbx.folder, 'spool/voicemail/house/1004/INBOX');
      await mkdir(box, { recursive: true });
      await writeFile(join(box, 'msg0000.txt'), '[message]\norigmailbox=1004\n');
      await waitFor(waiting, { what: 'the NOTIFY of a waiting message', limit: 15_000 });
    });

    it('picks up calls of its group, whichever phone they ring', async () => {
      const outgoing = await old.dial('1001');
      await ann.rings();
      const picked = await phone.dial('*8');
      await picked.established();
      await outgoing.established();
      await outgoing.hearsTone(phone.tone);
      await picked.hangUp();
      await outgoing.ended();
    });

    it('gives it back: the phone is out at once, while the old one rings on', async () => {
      await cli('device', 'release', MAC);
      await phone.registered({ as: `phone-${MAC}`, limit: 30_000 });
      const outgoing = await ann.dial('1004');
      const incoming = await old.rings();
      await incoming.answer();
      await outgoing.established();
      await outgoing.hangUp();
      await incoming.ended();
    });
  });

  describe('a new user, with an endpoint of selfprov', () => {
    let phone: Phone;
    after(() => phone.close());

    it('sets up a phone, and is called by the others as they call each other', async () => {
      const { pin, warning } = await cli<Adopted>(
        ...['user', 'add', '1031', '--name', 'New Person', '--context', 'internal', '--named-call-group', 'house'],
        ...['--named-pickup-group', 'house', '--mailbox', '{extension}@house', '--account-code', 'new'],
      );
      expect(warning).to.equal(null);
      phone = await bootPhone({ family: 'snom', mac: '000413ce0001', provisioningUrl: url });
      await phone.registered();
      await callAndKey(phone, '*55', `1031#${pin}#1`);
      await phone.registered({ as: '1031', limit: 30_000 });
      const outgoing = await ann.dial('1031');
      const incoming = await phone.rings();
      await incoming.answer();
      await outgoing.established();
      expect(await pbx.cli('pjsip show endpoint 1031')).to.match(/Endpoint: +1031\/1031 +In use/);
      await outgoing.hangUp();
    });

    it('has what an administrator has set on endpoints', async () => {
      const shown = await pbx.cli('pjsip show endpoint 1031');
      for (const [name, value] of [
        ['named_call_group', 'house'],
        ['named_pickup_group', 'house'],
        ['accountcode', 'new'],
        ['dtmf_mode', 'rfc4733'],
      ] as const)
        expect(shown).to.match(new RegExp(`^ ${name} +: ${value}$`, 'm'));
    });
  });

  describe('at the end', () => {
    it('takes itself out again: every file is as it was', async () => {
      await cli('asterisk-files', join(directory, 'asterisk'), '--etc', etc, '--remove');
      expect(await files()).to.deep.equal(untouched);
    });
  });
});
