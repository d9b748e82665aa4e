import { aUser } from './aUser.ts';
import { expect } from 'chai';
import { userLine } from '../../src/domain/accounts.ts';
import type { Registrar } from '../../src/domain/ports.ts';
import type { Contact } from '../../src/domain/registrations.ts';
import { isOurs } from '../../src/domain/adoption.ts';
import { Secret } from '../../src/domain/secret.ts';
import { orNotFound } from '../../src/domain/orNotFound.ts';
import { past } from './connectTo.ts';
import type { TestCore } from './core.ts';
import { refusalOf } from './refusal.ts';
import { enrol } from './steps.ts';

/** A phone on 127.0.0.1. */
export interface BenchPhoneOptions {
  readonly aor: string;
  readonly authName: string;
  readonly password: string;
  /** Its own; any free one unless given. */
  readonly port?: number;
  readonly callId?: string;
  readonly userAgent?: string;
  /** Host and port of its Via and of its Contact where it believes to be somewhere else, behind a NAT. */
  readonly viaHost?: string;
  readonly contactHost?: string;
}

export interface BenchPhone {
  readonly port: number;
  register(expires: number): Promise<number | undefined>;
  /** Events of the NOTIFYs that have come so far. */
  notified(): readonly string[];
  close(): void;
}

/** A registrar, and what stands on both sides of it. */
export interface RegistrarBench {
  readonly registrar: Registrar;
  /** The accounts are those of its store. */
  readonly core: TestCore;
  readonly now: () => number;
  /** Endpoints that a phone has proven to be, oldest first. */
  readonly authenticated: string[];
  phone(options: BenchPhoneOptions): Promise<BenchPhone>;
  /** The administrator has an endpoint of this name in pjsip.conf, with one auth of this name. */
  shadow(endpoint: string): Promise<void>;
  /** Resolves when `condition` holds, which it does by itself or when the seconds have passed. */
  until(condition: () => boolean | Promise<boolean>, seconds?: number): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

interface Account {
  readonly aor: string;
  readonly authName: string;
  readonly password: string;
}

const CHECK_SYNC = { event: 'check-sync;reboot=true', contentType: null, body: null };
const HOME = '192.168.7.7:5062';

/** As many contacts as an AOR has room for when its user may have one phone. */
export async function leaveRoomForTwo({ place }: Pick<TestCore, 'place'>): Promise<void> {
  await past(place.database, (rows) => rows('user_profiles').update({ phone_limit: 1 }));
}

/** What provisioning relies on: the same sentences for the fake and for the real one. The AORs have room for two contacts. */
export function registrarContract(open: () => Promise<RegistrarBench>): void {
  let bench: RegistrarBench;
  let asked: Registrar;
  let phones: BenchPhone[] = [];
  let last = 1500;
  let ann: Account;
  let annToo: Account;

  before(async () => {
    bench = await open();
    asked = bench.registrar;
  });
  beforeEach(async () => {
    last += 2;
    ann = await account(`${last}`);
    annToo = await account(`${last}`);
    bench.authenticated.length = 0;
  });
  afterEach(() => {
    for (const phone of phones.splice(0)) phone.close();
  });
  after(() => bench.close());

  let macs = 0;
  async function account(extension: string): Promise<Account> {
    const { store } = bench.core;
    const mac = `02000000${(++macs).toString(16).padStart(4, '0')}`;
    const found = await store.userByExtension('default', extension);
    const user = found ?? (await store.addUser(aUser(extension, 'Ann Lee')));
    const [before] = [await enrol(bench.core, mac)];
    await store.removeLine(before.id);
    const tenant = orNotFound(await store.tenant('default'), 'tenant');
    const credentials = { secret: new Secret('phone-secret'), token: bench.core.secrets.token(), now: 0 };
    const { authName } = await store.addLine(userLine(mac, 1, user, tenant, credentials));
    return { aor: extension, authName, password: 'phone-secret' };
  }
  async function takeAway({ authName, aor }: Account): Promise<void> {
    const { store } = bench.core;
    const line = (await store.linesOfEndpoint(aor)).find((each) => each.authName === authName);
    await store.removeLine(line?.id ?? '');
  }
  async function phoneOf(whose: Account, options: Partial<BenchPhoneOptions> = {}): Promise<BenchPhone> {
    const phone = await bench.phone({ ...whose, ...options });
    phones.push(phone);
    return phone;
  }
  /** The phone loses what it knew and comes back on the same port. */
  async function restarted(
    whose: Account,
    phone: BenchPhone,
    options: Partial<BenchPhoneOptions>,
  ): Promise<BenchPhone> {
    phone.close();
    phones = phones.filter((other) => other !== phone);
    return phoneOf(whose, { ...options, port: phone.port });
  }
  async function onlyContact(aor: string): Promise<Contact> {
    const [contact, ...more] = await asked.contacts(aor);
    if (contact === undefined || more.length > 0) throw new Error(`not one contact of ${aor}`);
    return contact;
  }
  async function portsOf(aor: string): Promise<readonly number[]> {
    return (await asked.contacts(aor)).map(({ uri }) => Number(/:(\d+)/.exec(uri.split('@')[1] ?? '')?.[1]));
  }

  it('finds the registrations of exactly one AOR, and all of them', async () => {
    const bob = await account(`${last + 1}`);
    const [one, two, other] = [await phoneOf(ann), await phoneOf(annToo), await phoneOf(bob)];
    for (const phone of [one, two, other]) expect(await phone.register(60)).to.equal(200);
    expect(await portsOf(ann.aor)).to.have.members([one.port, two.port]);
    expect(await portsOf(bob.aor)).to.deep.equal([other.port]);
    const all = (await asked.allContacts(null)).map(({ aor }) => aor);
    expect(all.filter((aor) => aor === ann.aor)).to.have.length(2);
    expect(all).to.include(bob.aor);
    for (const aor of [ann.aor.slice(0, 3), ann.aor.replace('5', '_'), '%', `${ann.aor};`, 'nobody']) {
      expect(await asked.contacts(aor), aor).to.deep.equal([]);
    }
  });

  it('tells how a phone has shown itself', async () => {
    const phone = await phoneOf(ann, { callId: 'first@phone', userAgent: 'Maker T1 1.2.3' });
    await phone.register(60);
    const contact = await onlyContact(ann.aor);
    expect(contact).to.include({
      aor: ann.aor,
      uri: `sip:${ann.aor}@127.0.0.1:${phone.port}`,
      address: '127.0.0.1',
      viaAddress: '127.0.0.1',
      viaPort: phone.port,
      callId: 'first@phone',
      userAgent: 'Maker T1 1.2.3',
    });
    expect(contact.expiresAt).to.be.within(bench.now() + 57_000, bench.now() + 61_000);
  });

  it('tells of a phone behind a NAT both where it is and where it believes to be', async () => {
    const phone = await phoneOf(ann, { viaHost: HOME, contactHost: HOME });
    await phone.register(60);
    expect(await onlyContact(ann.aor)).to.include({
      uri: `sip:${ann.aor}@127.0.0.1:${phone.port};x-ast-orig-host=${HOME}`,
      address: '127.0.0.1',
      viaAddress: '192.168.7.7',
      viaPort: 5062,
    });
  });

  it('keeps two phones apart that come from the same port, one after the other', async () => {
    const one = await phoneOf(ann, { viaHost: HOME, contactHost: HOME });
    await one.register(60);
    const two = await restarted(annToo, one, { viaHost: '192.168.7.8:5062', contactHost: '192.168.7.8:5062' });
    await two.register(60);
    const viaAddresses = (await asked.contacts(ann.aor)).map(({ viaAddress }) => viaAddress);
    expect(viaAddresses).to.have.members(['192.168.7.7', '192.168.7.8']);
  });

  it('keeps of a URI what was first registered with it, but for the user agent and the end', async () => {
    const phone = await phoneOf(ann, { viaHost: HOME, contactHost: HOME, callId: 'first', userAgent: 'Maker 1' });
    await phone.register(60);
    const before = await onlyContact(ann.aor);
    const options = { viaHost: '192.168.9.9:5099', contactHost: HOME, callId: 'second', userAgent: 'Maker 2' };
    await (await restarted(ann, phone, options)).register(600);
    const after = await onlyContact(ann.aor);
    expect(after).to.deep.equal({ ...before, userAgent: 'Maker 2', expiresAt: after.expiresAt });
    expect(after.expiresAt).to.be.greaterThan(before.expiresAt + 500_000);
  });

  it('takes another port for another registration', async () => {
    for (let i = 0; i < 2; i++) await (await phoneOf(ann, { callId: 'the-same' })).register(60);
    expect(await asked.contacts(ann.aor)).to.have.length(2);
  });

  it('takes a REGISTER with another URI from the same port for another registration', async () => {
    const phone = await phoneOf(ann, { contactHost: HOME });
    await phone.register(60);
    await (await restarted(ann, phone, { contactHost: '192.168.7.7:5063' })).register(60);
    expect(await asked.contacts(ann.aor)).to.have.length(2);
  });

  it('forgets what would end first when there are too many, and never the newest', async () => {
    // There is room for two of each of the user's two phones.
    const long = [await phoneOf(ann), await phoneOf(ann), await phoneOf(annToo)];
    for (const phone of long) await phone.register(600);
    await (await phoneOf(ann)).register(120);
    const newest = await phoneOf(ann);
    await newest.register(60);
    expect(await portsOf(ann.aor)).to.have.members([...long, newest].map(({ port }) => port));
  });

  it('forgets nothing when a registration is renewed', async () => {
    const [one, two] = [await phoneOf(ann), await phoneOf(annToo)];
    await one.register(600);
    await two.register(60);
    await one.register(600);
    expect(await portsOf(ann.aor)).to.have.members([one.port, two.port]);
  });

  it('has no registration any more that was ended by its phone, or has run out', async () => {
    const [leaves, ends] = [await phoneOf(ann), await phoneOf(annToo)];
    await leaves.register(60);
    await ends.register(2);
    expect(await portsOf(ann.aor)).to.have.members([leaves.port, ends.port]);
    await leaves.register(0);
    expect(await portsOf(ann.aor)).to.deep.equal([ends.port]);
    await bench.until(async () => (await asked.contacts(ann.aor)).length === 0, 3);
  });

  it('lets nobody in with the account of another, and nobody whose account has gone', async () => {
    const bob = await account(`${last + 1}`);
    expect(await (await phoneOf({ ...bob, aor: ann.aor })).register(60)).to.equal(401);
    expect(await (await phoneOf({ ...ann, password: 'wrong' })).register(60)).to.equal(401);
    await takeAway(ann);
    expect(await (await phoneOf(ann)).register(60)).to.equal(401);
    expect(await (await phoneOf(annToo)).register(60)).to.equal(200);
  });

  it('keeps the registration of an account that has gone until it is told to forget it', async () => {
    const phone = await phoneOf(ann);
    await phone.register(60);
    for (const each of [ann, annToo]) await takeAway(each);
    const contact = await onlyContact(ann.aor);
    expect(await portsOf(ann.aor)).to.deep.equal([phone.port]);
    await asked.remove(contact);
    expect(await asked.contacts(ann.aor)).to.deep.equal([]);
  });

  it('finds who is at a URI, whatever the AOR, and nobody at another', async () => {
    const phone = await phoneOf(ann, { contactHost: HOME });
    await phone.register(60);
    const { uri } = await onlyContact(ann.aor);
    expect((await asked.contactsAt(uri)).map(({ aor }) => aor)).to.deep.equal([ann.aor]);
    for (const other of [uri.split(';')[0] ?? '', uri.toUpperCase(), `${uri}0`, '%', 'sip:x@127.0.0.1']) {
      expect(await asked.contactsAt(other), other).to.deep.equal([]);
    }
  });

  it('forgets one registration at once, and twice does no harm', async () => {
    const [one, two] = [await phoneOf(ann), await phoneOf(annToo)];
    await one.register(60);
    const contact = await onlyContact(ann.aor);
    await two.register(60);
    for (let i = 0; i < 2; i++) await asked.remove(contact);
    expect(await portsOf(ann.aor)).to.deep.equal([two.port]);
  });

  it('does not forget in place of one registration another that has the same URI', async () => {
    const phone = await phoneOf(ann);
    await phone.register(60);
    const contact = await onlyContact(ann.aor);
    await phone.register(0);
    const next = await restarted(annToo, phone, { callId: 'another-phone' });
    await next.register(60);
    await asked.remove(contact);
    expect(await portsOf(ann.aor)).to.deep.equal([next.port]);
  });

  it('leaves a registration as it is that is announced, and makes none out of one that is gone', async () => {
    const phone = await phoneOf(ann, { viaHost: HOME, contactHost: HOME });
    await phone.register(60);
    const contact = await onlyContact(ann.aor);
    for (let i = 0; i < 2; i++) expect(await asked.announce(contact)).to.equal(true);
    expect(await asked.contacts(ann.aor)).to.deep.equal([contact]);
    await asked.remove(contact);
    expect(await asked.announce(contact)).to.equal(false);
    expect(await asked.contacts(ann.aor)).to.deep.equal([]);
  });

  it('names the credentials that an endpoint takes: none, one, or several', async () => {
    expect(await asked.authsOf('1499')).to.equal(undefined);
    expect(await asked.authsOf(ann.aor)).to.have.members([ann.authName, annToo.authName]);
    await takeAway(annToo);
    expect(await asked.authsOf(ann.aor)).to.deep.equal([ann.authName]);
    await takeAway(ann);
    expect(await asked.authsOf(ann.aor)).to.equal(undefined);
  });

  it('says of a long list of credentials a beginning only, by which it is known as ours; and lets in by each', async () => {
    for (let others = 0; others < 8; others++) await account(ann.aor);
    const shown = orNotFound(await asked.authsOf(ann.aor), 'endpoint');
    expect(isOurs({ name: ann.aor, auths: shown })).to.equal(true);
    const lines = await bench.core.store.linesOfEndpoint(ann.aor);
    const unsaid = lines.filter(({ authName }) => !shown.includes(authName));
    expect(unsaid).to.have.lengthOf.at.least(3);
    for (const { authName } of unsaid)
      expect(await (await phoneOf({ ...ann, authName })).register(60), authName).to.equal(200);
  });

  it('names those of pjsip.conf for an endpoint that is there too, and lets no phone of the account in', async () => {
    await bench.shadow(ann.aor);
    expect(await asked.authsOf(ann.aor)).to.deep.equal([ann.aor]);
    expect(await (await phoneOf(ann)).register(60)).to.equal(401);
  });

  it('sends a NOTIFY to exactly one registration', async () => {
    const [one, two] = [await phoneOf(ann, { contactHost: HOME }), await phoneOf(annToo)];
    await one.register(60);
    const { uri } = await onlyContact(ann.aor);
    await two.register(60);
    await asked.notify(uri, CHECK_SYNC);
    await bench.until(() => one.notified().length > 0);
    await asked.notify(`sip:${ann.aor}@127.0.0.1:${two.port}`, { ...CHECK_SYNC, event: 'check-sync' });
    await bench.until(() => two.notified().length > 0);
    expect(one.notified()).to.deep.equal(['check-sync;reboot=true']);
    expect(two.notified()).to.deep.equal(['check-sync']);
  });

  it('sends nothing that would add a header or an action, and nothing to nowhere', async () => {
    for (const event of ['check-sync\r\nX-Planted: 1', 'check-sync\n\nAction: Ping']) {
      const refused = await refusalOf(asked.notify('sip:x@127.0.0.1:9', { ...CHECK_SYNC, event }));
      expect(refused.code).to.equal('invalid');
    }
    for (const uri of ['', 'sip:x@127.0.0.1:9\r\nX: 1']) {
      expect((await refusalOf(asked.notify(uri, CHECK_SYNC))).code, uri).to.equal('invalid');
    }
  });

  it('tells which endpoint a phone has proven to be: at its first REGISTER, at a renewal and at its goodbye', async () => {
    const phone = await phoneOf(ann);
    for (const [times, expires] of [60, 60, 0].entries()) {
      await phone.register(expires);
      await bench.until(() => bench.authenticated.length === times + 1);
    }
    expect(bench.authenticated).to.deep.equal([ann.aor, ann.aor, ann.aor]);
  });

  it('says that it cannot be asked while Asterisk is down, and knows the registrations when it is back', async () => {
    const phone = await phoneOf(ann);
    await phone.register(600);
    const contact = await onlyContact(ann.aor);
    await bench.stop();
    const refusals = await Promise.all(
      [
        asked.contacts(ann.aor),
        asked.allContacts(null),
        asked.contactsAt(contact.uri),
        asked.remove(contact),
        asked.announce(contact),
        asked.notify(contact.uri, CHECK_SYNC),
        asked.authsOf(ann.aor),
      ].map(async (answer) => (await refusalOf(answer)).code),
    );
    expect(new Set(refusals)).to.deep.equal(new Set(['unavailable']));
    await bench.start();
    expect(await asked.contacts(ann.aor)).to.deep.equal([contact]);
  });
}
