import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { aUser } from '../support/aUser.ts';
import { expect } from 'chai';
import { changeTenant } from '../../src/administration/tenants.ts';
import { userLine } from '../../src/domain/accounts.ts';
import { orNotFound } from '../../src/domain/orNotFound.ts';
import { Secret } from '../../src/domain/secret.ts';
import { openAsteriskBench, type AsteriskBench } from '../support/asteriskBench.ts';
import { rawMessage } from '../support/rawMessage.ts';
import { rawCall, type RawCall, type RawCallOptions } from '../support/rawCall.ts';
import { registeringPhone, type RegisteringPhone } from '../../src/virtualPhone/registeringPhone.ts';
import { enrol } from '../support/steps.ts';
import { waitFor } from '../support/wait.ts';

type Account = Pick<RawCallOptions, 'user' | 'authName' | 'password'>;

const BUSY = 486;

describe('The dialplan', function () {
  this.timeout(30_000);
  let bench: AsteriskBench;
  let calls: RawCall[] = [];
  let phones: RegisteringPhone[] = [];
  /** Names of the channels that have come to selfprov. */
  const begun: string[] = [];

  before(async () => {
    bench = await openAsteriskBench({ calls: 4, callsPerAddress: 3 });
    // Somebody who takes every call and says nothing.
    bench.ari.listen({
      event({ type, ...event }) {
        if (type !== 'StasisStart') return;
        const { id, name } = event['channel'] as { id: string; name: string };
        begun.push(name);
        void bench.ari.answer(id);
      },
    });
  });
  afterEach(async () => {
    for (const call of calls.splice(0)) {
      if (call.status === 200) await call.hangUp();
      else call.close();
    }
    for (const phone of phones.splice(0)) phone.close();
    await waitFor(async () => (await bench.cli('core show channels count')).includes('0 active channels'), {
      what: 'the end of all calls',
      limit: 10_000,
    });
  });
  after(() => bench.close());

  let macs = 0;
  const newMac = (): string => `0200000001${(++macs).toString(16).padStart(2, '0')}`;
  async function unassigned(): Promise<Account> {
    const { endpoint, authName, secret } = await enrol(bench.core, newMac());
    return { user: endpoint, authName, password: secret.reveal() };
  }
  async function phoneOfUser(extension: string): Promise<Account> {
    const { store, secrets } = bench.core;
    const before = await enrol(bench.core, newMac());
    await store.removeLine(before.id);
    const user =
      (await store.userByExtension('default', extension)) ?? (await store.addUser(aUser(extension, 'Ann Lee')));
    const tenant = orNotFound(await store.tenant('default'), 'tenant');
    const credentials = { secret: new Secret('phone-secret'), token: secrets.token(), now: 0 };
    const { authName } = await store.addLine(userLine(before.mac, 1, user, tenant, credentials));
    return { user: extension, authName, password: 'phone-secret' };
  }
  async function call(from: Account, number: string, address = '127.0.0.1'): Promise<RawCall> {
    const made = await rawCall({ ...from, sipPort: bench.sipPort, number, address });
    calls.push(made);
    return made;
  }
  async function hangUp(made: RawCall): Promise<void> {
    calls = calls.filter((other) => other !== made);
    await made.hangUp();
  }
  const statusOf = async (...of: Parameters<typeof call>): Promise<number> => (await call(...of)).status;

  describe('of the calls to selfprov', () => {
    it('lets an account have one at a time, unassigned or a user’s, and says so at once', async () => {
      for (const account of [await unassigned(), await phoneOfUser('1500')]) {
        const first = await call(account, '*55');
        expect(first.status).to.equal(200);
        for (const number of ['*55', '*56', '*55']) {
          const second = await call(account, number, '127.0.0.2');
          expect(second.status).to.equal(BUSY);
          expect(second.took).to.be.lessThan(1000);
        }
        await hangUp(first);
        expect(await statusOf(account, '*56')).to.equal(200);
      }
    });

    it('lets others in meanwhile, until an address or all together have too many; emergency calls always', async () => {
      const [one, two, three, four, five] = await Promise.all(Array.from({ length: 5 }, unassigned));
      if (!one || !two || !three || !four || !five) throw new Error('too few phones');
      for (const account of [one, two, three]) expect(await statusOf(account, '*55')).to.equal(200);
      expect(await statusOf(four, '*55'), 'one more from this address').to.equal(BUSY);
      expect(await statusOf(four, '*55', '127.0.0.2'), 'from another').to.equal(200);
      expect(await statusOf(five, '*55', '127.0.0.3'), 'one more in all').to.equal(BUSY);
      for (const account of [one, five]) expect(await statusOf(account, '112')).to.equal(200);
    });

    it('has room again once those that were too many have gone', async () => {
      const account = await unassigned();
      const first = await call(account, '*55');
      for (let i = 0; i < 60; i++) expect(await statusOf(account, '*55'), `call ${i}`).to.equal(BUSY);
      await hangUp(first);
      expect(await statusOf(account, '*55')).to.equal(200);
    });
  });

  describe('of call records, where the administrator’s Asterisk makes them of every call', () => {
    let records: string;
    before(async () => {
      const settings = await bench.cli('core show settings');
      const folder = (name: string): string => new RegExp(`${name}: *(\\S+)`).exec(settings)?.[1] ?? '';
      records = join(folder('Log directory'), 'cdr-csv/Master.csv');
      await mkdir(dirname(records));
      const file = join(dirname(folder('Configuration file')), 'cdr.conf');
      await writeFile(file, '[general]\nenable = yes\nunanswered = yes\n[csv]\nusegmtime = no\n');
      await bench.cli('module load cdr_csv.so');
      await bench.cli('module reload cdr');
    });

    it('leaves a PIN out of them, also when there is no room for the call', async () => {
      const account = await unassigned();
      const first = await call(account, '*551500*940273');
      expect(await statusOf(account, '*551500*940273')).to.equal(BUSY);
      await hangUp(first);
      await hangUp(await call(account, '*57'));
      const read = (): Promise<string> => readFile(records, 'utf8').catch(() => '');
      await waitFor(async () => (await read()).includes('phone-number'), { what: 'the record of a call' });
      expect(await read()).to.not.contain('940273');
    });
  });

  describe('of text messages, where the administrator’s Asterisk takes them', () => {
    before(() => bench.cli('module load res_pjsip_messaging.so'));

    it('takes none for a call: the one channel that all of them share stays free', async () => {
      const account = await unassigned();
      for (const number of ['*55', '*56', '*57', '*551500*940273', '112'])
        expect(await rawMessage({ ...account, sipPort: bench.sipPort, number })).to.equal(202);
      const worker = /ast_msg_queue +(\d+) +(\d+)/;
      const done = async (): Promise<boolean> => {
        const [, processed, queued] = worker.exec(await bench.cli('core show taskprocessors')) ?? [];
        return processed === '5' && queued === '0';
      };
      await waitFor(done, { what: 'the end of all messages' });
      expect(begun.filter((name) => name.startsWith('Message/'))).to.deep.equal([]);
    });
  });

  describe('of the calls to users', () => {
    const elsewhere = '127.0.0.77';
    let others: Socket;
    let strayed: string[] = [];

    async function listenElsewhere(port: number): Promise<void> {
      others = createSocket('udp4').bind(port, elsewhere);
      await once(others, 'listening');
      others.on('message', (data) => strayed.push(data.toString()));
    }
    async function registered(as: string, contact?: string): Promise<RegisteringPhone> {
      const { user: aor, authName, password } = await phoneOfUser(as);
      const raw = contact === undefined ? {} : { contact };
      const phone = await registeringPhone({ sipPort: bench.sipPort, aor, authName, password, ...raw });
      phones.push(phone);
      expect(await phone.register(60)).to.equal(200);
      return phone;
    }

    const hostile = [
      'sip:x,30,G(1)U(evil)@127.0.0.1:5060',
      'sip:1502@127.0.0.1:5060;x=y&PJSIP/1503',
      `sip:1502@127.0.0.1:5060;maddr=${elsewhere}`,
      `sip:1502@127.0.0.1:5060;MADDR=${elsewhere}`,
      `sip:1502@127.0.0.1:5060;m%61ddr=${elsewhere}`,
      'sip:1502@127.0.0.1:5060?X-Planted=1',
    ];
    for (const [i, contact] of hostile.entries()) {
      it(`leaves out ${contact}, and rings the phone beside it`, async () => {
        const [caller, extension] = [await phoneOfUser('1501'), `16${10 + i}`];
        strayed = [];
        const bad = await registered(extension, contact);
        await listenElsewhere(bad.port);
        try {
          const good = await registered(extension);
          const third = await registered('1503');
          await call(caller, extension);
          expect(await good.request()).to.match(/^INVITE /);
          for (const phone of [bad, third]) expect(phone.received).to.deep.equal([]);
          expect(strayed).to.deep.equal([]);
        } finally {
          others.close();
        }
      });
    }

    it('lets a user call back a phone that is nobody’s, by the number that it shows', async () => {
      const caller = await phoneOfUser('1501');
      await changeTenant(bench.core, 'default', { texts: { defaultNumbers: '9000-9999' } });
      const { endpoint: aor, authName, number, secret } = await enrol(bench.core, newMac());
      const phone = await registeringPhone({ sipPort: bench.sipPort, aor, authName, password: secret.reveal() });
      phones.push(phone);
      expect(await phone.register(60)).to.equal(200);
      await call(caller, number ?? '');
      expect(await phone.request()).to.match(/^INVITE /);
      expect(await statusOf(caller, '9999'), 'nobody has this one').to.equal(480);
    });

    it('says at once that somebody has no phone, or none that can be called', async () => {
      const caller = await phoneOfUser('1501');
      expect(await statusOf(caller, '1599')).to.equal(480);
      await registered('1598', hostile[0]);
      expect(await statusOf(caller, '1598')).to.equal(480);
    });
  });
});
