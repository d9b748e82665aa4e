import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageRoot } from '../../src/packageRoot.ts';
import { startCaller, type Caller } from '../support/caller.ts';
import { callAndKey } from '../support/callAndKey.ts';
import { freePorts } from '../support/freePorts.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import type { PlainAsterisk } from '../support/plainAsterisk.ts';
import { registerOnce, registeringPhone, type RegisteringPhone } from '../../src/virtualPhone/registeringPhone.ts';
import { filesIn, ownPassword, sitePbx } from '../support/sitePbx.ts';
import { waitFor } from '../support/wait.ts';
import { walk, type Walker } from '../support/walk.ts';

const page = readFileSync(join(packageRoot, 'docs/existing-pbx.md'), 'utf8');
const MAC = '001565ce0001';

/** Every Debian has these two users, and their common group. */
const NOGROUP = 65_534;
const ASTERISK = { uid: 65_534, gid: NOGROUP };
const SELFPROV = { uid: 42, gid: NOGROUP };

describe('Beside an Asterisk with thirty users of its own', function () {
  this.timeout(120_000);
  /** Others only root can be. */
  const isRoot = process.getuid?.() === 0;
  let pbx: PlainAsterisk;
  let folder: string;
  let etc: string;
  let untouched: Readonly<Record<string, string>>;
  let walker: Walker;
  let url: string;
  /** At old phones. */
  let ann: Caller;
  let daniel: Caller;
  /** At new ones. */
  let adopted: Phone;
  let added: Phone;
  const phones: { close(): Promise<void> }[] = [];

  before(async () => {
    pbx = await sitePbx('pbx', isRoot ? ASTERISK : undefined);
    etc = join(pbx.folder, 'etc');
    untouched = filesIn(etc);
    await pbx.start();
    folder = await mkdtemp(join(tmpdir(), 'selfprov-site-'));
    await chmod(folder, 0o755);
    await mkdir(join(folder, 'bin'));
    const [http = 0, admin = 0] = await freePorts(2);
    url = `http://127.0.0.1:${http}/`;
    const settings = join(folder, 'settings');
    walker = await walk({
      ...{ page, folder, health: `http://127.0.0.1:${admin}/healthz`, as: isRoot ? SELFPROV : undefined },
      places: new Map([
        ['/etc/asterisk', etc],
        ['/etc/selfprov', settings],
        ['/var/lib/selfprov', join(folder, 'data')],
        ['/usr/local/bin', join(folder, 'bin')],
        ['/opt/selfprov', packageRoot],
        ['http://192.0.2.10:8480/', url],
      ]),
      settings: {
        SELFPROV_CONFIG: join(settings, 'selfprov.env'),
        SELFPROV_ASTERISK_FILES: join(etc, 'selfprov'),
        SELFPROV_HOST: '127.0.0.1',
        SELFPROV_PORT: String(http),
        SELFPROV_ADMIN_PORT: String(admin),
        SELFPROV_SIP_PORT: String(pbx.sipPort),
      },
      etc,
      own: {
        'sudo systemctl restart asterisk': async () => {
          await pbx.stop();
          await pbx.start();
        },
      },
    });
  });
  after(async () => {
    for (const phone of phones) await phone.close();
    await walker.close();
    await pbx.close();
    await rm(folder, { recursive: true, force: true });
  });

  const selfprov = async <T>(words: string): Promise<T> => {
    const said = await walker.ask(`sudo -u selfprov selfprov --json ${words}`);
    try {
      return JSON.parse(said) as T;
    } catch {
      throw new Error(said);
    }
  };
  const pinOf = (table: string, extension: string): string =>
    new RegExp(`^${extension},.*,(\\d+)\\r?$`, 'm').exec(table)?.[1] ?? 'none';

  /** Somebody with the credential of an old phone, or of that new one. */
  async function watcher(extension: string, phone?: Phone): Promise<RegisteringPhone> {
    const line = phone?.reading.lines[0];
    const authName = line?.authUser ?? extension;
    const account = { aor: extension, authName, password: line?.password ?? ownPassword(extension) };
    const watching = await registeringPhone({ sipPort: pbx.sipPort, ...account });
    phones.push({ close: () => Promise.resolve(watching.close()) });
    return watching;
  }

  async function setUp(family: 'yealink' | 'snom', mac: string, extension: string, pin: string): Promise<Phone> {
    const phone = await bootPhone({ family, mac, provisioningUrl: url });
    phones.push(phone);
    await phone.registered();
    const call = await callAndKey(phone, '*55', `${extension}#${pin}#1`);
    await call.ended(30_000);
    await phone.registered({ as: extension, limit: 30_000 });
    const steps = async (): Promise<readonly string[]> =>
      (await selfprov<{ events: { step: string }[] }>(`device show ${mac}`)).events.map(({ step }) => step);
    await waitFor(async () => (await steps()).includes('done'), { what: 'the end of the hand-over', limit: 20_000 });
    return phone;
  }

  describe('the page that is walked', () => {
    it('asks for what nobody can guess, and names a number that the site has', async () => {
      await walker.through('Install');
      await walker.through('Ask');
      expect(filesIn(etc)).to.deep.equal(untouched);
    });

    it('shows what it would change, and changes nothing', async () => {
      await walker.through('Say');
      await walker.through('Look');
      expect(filesIn(etc)).to.deep.equal(untouched);
    });

    it('puts it in with one restart, and selfprov runs as a user that is not Asterisk’s', async () => {
      await walker.through('Put it in');
      await walker.through('Serve');
      if (!isRoot) return;
      const rights = async (path: string): Promise<string> => {
        const { uid, gid, mode } = await stat(join(folder, path));
        return `${uid}:${gid} ${(mode & 0o7777).toString(8)}`;
      };
      expect(await rights('data')).to.equal('42:65534 2770');
      expect(await rights('data/selfprov.sqlite')).to.equal('42:65534 660');
      expect(await rights('data/site.key')).to.equal('42:65534 600');
      expect(await rights('settings/selfprov.env')).to.equal('0:65534 640');
      const { uid, mode } = await stat(join(etc, 'selfprov'));
      expect([uid, mode & 0o7777]).to.deep.equal([42, 0o2750]);
    });

    it('has nothing left to do when it is looked at again', async () => {
      const [said] = await walker.through('Check');
      expect(said).not.to.match(/leads nowhere|is taken|keeps its rights/);
      await walker.through('Send phones here');
    });

    it('leaves all phones of the site as they are', async () => {
      const account = (user: string) => ({ user, authName: user, password: ownPassword(user) });
      const old = await registeringPhone({ sipPort: pbx.sipPort, aor: '1005', ...account('1005') });
      expect(await old.register(60)).to.equal(200);
      expect(await old.register(0)).to.equal(200);
      old.close();
      ann = await startCaller({ sipPort: pbx.sipPort, ...account('1001'), tone: 800 });
      daniel = await startCaller({ sipPort: pbx.sipPort, ...account('1004'), tone: 900 });
      phones.push(ann, daniel);
    });

    it('adopts ten, whose old phones stay, and adds five; a number of the site is refused', async () => {
      const adopting = await walker.through('Adopt users');
      await walker.through('Add users');
      const users = await selfprov<{ extension: string }[]>('user list');
      expect(users).to.have.length(15);
      const [danielsPin = ''] = adopting.flatMap((said) => /PIN: +(\d+)/.exec(said)?.[1] ?? []);
      const pins = await readFile(join(folder, 'new-pins.csv'), 'utf8');
      adopted = await setUp('yealink', MAC, '1004', danielsPin);
      added = await setUp('snom', '000413ce0001', '1031', pinOf(pins, '1031'));
      expect(added.messages.length).to.be.greaterThan(0);
      await walker.through('Set up phones');
    });
  });

  describe('what was set later is looked at too', () => {
    it('a number that the dialplan has, and an emergency number that leads nowhere, with what to type', async () => {
      const set = async (words: string): Promise<void> => void (await selfprov(`tenant set ${words}`));
      await set("--number-extension '*57' --emergency 112,118");
      const said = await walker.ask('sudo selfprov asterisk-files --apply');
      expect(said).to.contain('*57 is taken in [features]').and.to.contain('--number-extension *155');
      expect(said).to.contain('118 is an emergency number').and.to.contain('leads nowhere from [emergency]');
      await set("--number-extension '*157' --emergency 112,110");
      expect(await walker.ask('sudo selfprov asterisk-files --apply')).not.to.match(/leads nowhere|is taken/);
    });

    it('what the environment says, and the database says otherwise, wherever the tenant is shown', async () => {
      const said = await walker.ask('SELFPROV_EMERGENCY_NUMBERS=999 sudo -u selfprov selfprov tenant show');
      expect(said).to.contain('SELFPROV_EMERGENCY_NUMBERS=999 counts at the first start only, and 112,110 holds');
    });

    it('a new user’s number: one of the queue is refused, of one that nobody can call it is said', async () => {
      expect(await walker.ask('sudo -u selfprov selfprov user add 700 --name New')).to.contain(
        '700 is an extension of [internal] already (Answer)',
      );
      const { warning } = await selfprov<{ warning: string | null }>('user add 1500 --name New');
      expect(warning).to.contain('nobody can call 1500');
    });
  });

  describe('what an administrator does to the site afterwards', () => {
    it('an adopted endpoint that is taken away, without a word to selfprov, takes no other one with it', async () => {
      const pjsip = join(etc, 'pjsip.conf');
      const before = await readFile(pjsip, 'utf8');
      await writeFile(pjsip, before.replaceAll(/\[1013\]\([^[]*/g, ''));
      const endpoints = async (): Promise<string> => pbx.cli('pjsip show endpoints');
      await pbx.cli('module reload res_pjsip.so');
      await waitFor(async () => !/Endpoint: +1013/.test(await endpoints()), { what: 'the endpoint being gone' });
      expect(await endpoints()).to.match(/Endpoint: +1012/);
      expect(await pbx.cli('pjsip show endpoint 1012')).to.contain('1012-s1');
      expect(await walker.ask('sudo selfprov asterisk-files --apply')).to.contain('selfprov user remove 1013');
      await writeFile(pjsip, before);
      await pbx.cli('module reload res_pjsip.so');
      await waitFor(async () => /1013-s1/.test(await pbx.cli('pjsip show endpoint 1013')), { what: 'its slots' });
    });

    it('a credential that is renamed is named, for its phones are refused as long as the old one is', async () => {
      const pjsip = join(etc, 'pjsip.conf');
      const before = await readFile(pjsip, 'utf8');
      await writeFile(
        pjsip,
        before.replace('[1012](house-auth)', '[cred1012](house-auth)').replace('auth = 1012\n', 'auth = cred1012\n'),
      );
      await pbx.cli('module reload res_pjsip.so');
      const said = await walker.ask('sudo selfprov asterisk-files --apply');
      expect(said).to.contain('The credential 1012 of 1012 is gone').and.to.contain('selfprov user remove 1012');
      await selfprov('user remove 1012 --yes');
      await selfprov('user adopt 1012');
      expect(await pbx.cli('pjsip show endpoint 1012')).to.contain('cred1012,1012-s1');
      expect(await walker.ask('sudo selfprov asterisk-files --apply')).not.to.contain('is gone');
      await selfprov('user remove 1012 --yes');
      await writeFile(pjsip, before);
      await pbx.cli('module reload res_pjsip.so');
    });

    it('who is adopted once more is let in as before, and that nothing has changed is said', async () => {
      const before = await pbx.cli('pjsip show endpoint 1011');
      expect(await walker.ask('sudo selfprov user adopt 1011')).to.contain('1011 is adopted already');
      expect(await pbx.cli('pjsip show endpoint 1011')).to.equal(before);
      const account = { aor: '1011', authName: '1011', password: ownPassword('1011') };
      expect(await registerOnce({ sipPort: pbx.sipPort, ...account })).to.equal(200);
    });

    it('files that are written after Asterisk has started make a restart due, and that is said until then', async () => {
      const extconfig = join(etc, 'extconfig.conf');
      await writeFile(extconfig, await readFile(extconfig, 'utf8'));
      const later = new Date(Date.now() + 60_000);
      await utimes(extconfig, later, later);
      const said = await walker.ask('sudo selfprov asterisk-files --apply');
      expect(said).to.contain('Restart Asterisk').and.to.contain('no call was dropped');
      await utimes(extconfig, new Date(0), new Date(0));
      expect(await walker.ask('sudo selfprov asterisk-files --apply')).not.to.contain('Restart Asterisk');
    });

    it('a context that the dialplan does not have is refused, and a number that it has is named at once', async () => {
      expect(await walker.ask('sudo -u selfprov selfprov tenant set --context intern')).to.contain(
        'Asterisk has no context [intern]',
      );
      expect(await walker.ask("sudo -u selfprov selfprov tenant set --extension '*43'")).to.contain(
        '*43 is taken in [features]',
      );
      await selfprov("tenant set --extension '*55'");
    });

    it('a user that is removed from selfprov leaves nothing at the endpoint', async () => {
      await selfprov('user remove 1013 --yes');
      expect(await pbx.cli('pjsip show endpoint 1013'))
        .to.match(/Endpoint: +1013/)
        .and.not.to.contain('1013-s1');
    });

    it('a dialplan that rings one phone of a user only is named when the user is adopted', async () => {
      await pbx.cli('dialplan add extension 1013,1,Dial,PJSIP/1013 into internal');
      const { left } = await selfprov<{ left: string[] }>('user adopt 1013');
      expect(left.join()).to.contain('Dial(PJSIP/1013) in [internal] rings one phone of a user only');
      await pbx.cli('dialplan remove extension 1013@internal 1');
    });
  });

  describe('a user of the site who is adopted', () => {
    it('is called at the old phone and at the new one, which shows who calls', async () => {
      const [outgoing, atOld, atNew] = [await ann.dial('1004'), await daniel.rings(), await adopted.rings()];
      expect(atOld.callerId.number).to.equal('1001');
      expect(atNew.callerId).to.deep.equal({ number: '1001', name: 'Anna Berg' });
      await atNew.answer();
      await outgoing.established();
      await atOld.ended();
      await outgoing.hearsTone(adopted.tone);
      await atNew.hearsTone(800);
      await outgoing.hangUp();
      await atNew.ended();
    });

    it('calls with the name and number that the site gives it, and every lamp shows it as busy meanwhile', async () => {
      const [watching, byAdopted] = [await watcher('1002'), await watcher('1004', adopted)];
      for (const phone of [watching, byAdopted])
        expect(await phone.subscribe('1004', 'dialog', 'application/dialog-info+xml')).to.equal(200);
      const shows = (phone: RegisteringPhone, state: string): Promise<unknown> =>
        waitFor(() => phone.received.at(-1)?.includes(`<state>${state}</state>`), { what: `a lamp showing ${state}` });
      const outgoing = await adopted.dial('1001');
      const incoming = await ann.rings();
      expect(incoming.callerId).to.deep.equal({ number: '1004', name: 'Daniel Eriksen' });
      await incoming.answer();
      await outgoing.established();
      for (const phone of [watching, byAdopted]) await shows(phone, 'confirmed');
      await outgoing.hangUp();
      await incoming.ended();
      for (const phone of [watching, byAdopted]) await shows(phone, 'terminated');
    });

    it('has the lamp for messages lit by what a caller leaves in its mailbox', async () => {
      const waiting = (): boolean =>
        adopted.messages.some(({ method, body }) => method === 'NOTIFY' && /Messages-Waiting: yes/i.test(body));
      expect(waiting()).to.equal(false);
      await pbx.cli('dialplan set global RING 1');
      const outgoing = await ann.dial('1004');
      for (const ringing of [await daniel.rings(), await adopted.rings()]) await ringing.ended();
      await outgoing.established(15_000);
      await pbx.cli('dialplan set global RING 20');
      await outgoing.press('#');
      const recording = join(pbx.folder, 'spool/voicemail/house/1004/tmp');
      await waitFor(async () => (await readdir(recording)).some((name) => name.endsWith('.wav')), {
        what: 'a message being recorded',
      });
      await outgoing.hangUp();
      await waitFor(waiting, { what: 'the NOTIFY of a waiting message', limit: 15_000 });
    });

    it('is rung by a queue at all phones, and shown there as one member', async () => {
      await pbx.cli(
        'queue add member Local/1004@internal/n to helpdesk penalty 0 as Daniel state_interface PJSIP/1004',
      );
      const outgoing = await ann.dial('700');
      const [atOld, atNew] = [await daniel.rings(), await adopted.rings()];
      await atNew.answer();
      await atOld.ended();
      await outgoing.hearsTone(adopted.tone);
      expect(await pbx.cli('queue show helpdesk')).to.match(/Daniel.*(?:In use|in call)/i);
      await outgoing.hangUp();
      await atNew.ended();
      await pbx.cli('queue remove member Local/1004@internal/n from helpdesk');
    });

    it('picks up calls of its group, whichever phone they ring', async () => {
      const outgoing = await daniel.dial('1001');
      const ringing = await ann.rings();
      const picked = await adopted.dial('*8');
      await picked.established();
      await outgoing.established();
      await outgoing.hearsTone(adopted.tone);
      await picked.hangUp();
      for (const each of [outgoing, ringing]) await each.ended();
    });
  });

  describe('a new user, with an endpoint of selfprov', () => {
    it('and the users of the site call each other, by name, in both directions', async () => {
      const outgoing = await ann.dial('1031');
      const incoming = await added.rings();
      expect(incoming.callerId).to.deep.equal({ number: '1001', name: 'Anna Berg' });
      await incoming.answer();
      await outgoing.hearsTone(added.tone);
      await incoming.hearsTone(800);
      await outgoing.hangUp();
      await incoming.ended();
      const back = await added.dial('1004');
      const [atOld, atNew] = [await daniel.rings(), await adopted.rings()];
      expect(atOld.callerId).to.deep.equal({ number: '1031', name: 'Nora Person' });
      await atNew.answer();
      await back.hearsTone(adopted.tone);
      await back.hangUp();
      for (const each of [atOld, atNew]) await each.ended();
    });

    it('picks up what rings at a phone of the site, and is picked up', async () => {
      const outgoing = await daniel.dial('1001');
      const ringing = await ann.rings();
      const picked = await added.dial('*8');
      await outgoing.established();
      await outgoing.hearsTone(added.tone);
      await picked.hangUp();
      for (const each of [outgoing, ringing]) await each.ended();
    });

    it('has the lamp for messages, which its phone asks for as its file says', async () => {
      const phone = await watcher('1031', added);
      expect(await phone.subscribe('1031', 'message-summary', 'application/simple-message-summary')).to.equal(200);
      await waitFor(() => phone.received.some((message) => /Messages-Waiting: no/i.test(message)), {
        what: 'the NOTIFY that no message is waiting',
      });
      expect(added.reading.lines[0]?.voicemail).to.equal('*97');
    });

    it('has what an administrator has set on endpoints', async () => {
      await selfprov(
        "user set 1031 --variables 'ONE=1,TWO=two words' --call-group 3,4 --account-code nora --music-class calm --busy-at 2",
      );
      const shown = await pbx.cli('pjsip show endpoint 1031');
      for (const [name, value] of [
        ['named_call_group', 'house'],
        ['named_pickup_group', 'house'],
        ['dtmf_mode', 'rfc4733'],
        ['call_group', '3, 4'],
        ['accountcode', 'nora'],
        ['moh_suggest', 'calm'],
        ['device_state_busy_at', '2'],
      ] as const)
        expect(shown).to.match(new RegExp(`^ ${name} +: ${value}$`, 'm'));
      const call = await added.dial('*43');
      await call.established();
      const [channel = ''] = /PJSIP\/1031-\w+/.exec(await pbx.cli('core show channels concise')) ?? [];
      const variables = await pbx.cli(`core show channel ${channel}`);
      expect(variables).to.contain('ONE=1').and.to.contain('TWO=two words');
      await call.hangUp();
    });
  });

  describe('at the end', () => {
    it('the phone of an adopted user is taken back, out at once, while the old one rings on', async () => {
      await walker.through('Take a phone back');
      await adopted.registered({ as: `phone-${MAC}`, limit: 30_000 });
      const outgoing = await ann.dial('1004');
      const incoming = await daniel.rings();
      await incoming.answer();
      await outgoing.established();
      await outgoing.hangUp();
      await incoming.ended();
    });

    it('takes itself out again: every file is as it was, nothing of it is registered, the site’s phones are', async () => {
      await walker.close();
      for (const phone of [adopted, added]) await phone.close();
      const before = await pbx.cli('database show registrar/contact');
      expect(before).to.contain('/1031;@').and.to.contain('/1004;@');
      await walker.through('Take selfprov out again');
      expect(filesIn(etc)).to.deep.equal(untouched);
      const after = await pbx.cli('database show registrar/contact');
      expect(after)
        .to.contain('/1004;@')
        .and.not.to.match(/1031;@|phone-/);
      expect(await pbx.cli('pjsip show endpoints')).not.to.match(/1031|selfprov|phone-/);
      const outgoing = await ann.dial('1004');
      await (await daniel.rings()).answer();
      await outgoing.established();
      await outgoing.hangUp();
    });
  });
});
