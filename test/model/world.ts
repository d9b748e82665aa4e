import type { Event } from '../../src/domain/journal.ts';
import type { Store } from '../../src/domain/ports.ts';
import type { Secret } from '../../src/domain/secret.ts';
import type { User } from '../../src/domain/user.ts';
import type { Ports } from '../../src/provisioning/ports.ts';
import { admit } from '../../src/provisioning/files/admit.ts';
import { recordFetch } from '../../src/provisioning/files/recordFetch.ts';
import { assignDevice, type Assignment } from '../../src/provisioning/handOver/assignDevice.ts';
import type { FromLine } from '../../src/provisioning/handOver/beginHandOver.ts';
import { endOfCall } from '../../src/provisioning/handOver/endOfCall.ts';
import { callingDevice } from '../../src/provisioning/handOver/callingDevice.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { watchRegistrations, type RegistrationWatch } from '../../src/provisioning/handOver/registrationWatch.ts';
import { logIn } from '../../src/provisioning/handOver/hotDesk.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { newUrl } from '../../src/administration/devices.ts';
import { blockDevice, giveDevice, unblockDevice } from '../../src/administration/whoseDevice.ts';
import { startSync, syncDevice, USUAL_PACE } from '../../src/administration/syncs.ts';
import { syncDriver } from '../../src/provisioning/sync/driveSyncs.ts';
import { forgetTheOld, RETENTION } from '../../src/administration/retention.ts';
import { removeUser } from '../../src/administration/users.ts';
import { removeDevice } from '../../src/provisioning/handOver/removeDevice.ts';
import { placeOf, whereOf } from '../../src/domain/addresses.ts';
import { SelfprovError } from '../../src/domain/errors.ts';
import { markOf } from '../../src/domain/registrations.ts';
import { aUser } from '../support/aUser.ts';
import type { TestCore } from '../support/core.ts';
import { fakeRegistrar, type FakeRegistrar } from '../support/fakeRegistrar.ts';
import { shippedFamilies } from '../support/phoneFacts.ts';
import { openGates, type Chance, type Gates } from './gates.ts';
import { addressOf, configOf, makePhone, nameIn, type Phone, type Site } from './phones.ts';

export const TIMES = {
  pauses: [10_000, 30_000, 60_000],
  registerWithin: 60_000,
  window: 15 * 60_000,
  callEndsWithin: 20_000,
};

/** What a registration waits for between its proof and its being written down. */
const WRITING = 'asterisk writes a registration';

/** What must never be: the explorer stops at the first. */
export class Violation extends Error {}

/** Phones, strangers, administrators, Asterisk and selfprov, each step of which the explorer chooses. */
export interface World {
  readonly chance: Chance;
  readonly gates: Gates;
  readonly registrar: FakeRegistrar;
  readonly store: Store;
  /** One of these may have been removed. */
  readonly users: User[];
  readonly phones: readonly Phone[];
  readonly strangers: readonly Phone[];
  readonly story: string[];
  readonly now: () => number;
  pass(ms: number): void;
  note(what: string): void;
  /** Phones that have been released while they were being handed over, and not been told yet. */
  readonly toBeTold: Set<Phone>;
  /** Whether it has registered with the account that it has: one that never did is forgotten after a while. */
  hasUsed(phone: Phone): boolean;
  /** Names of the macs of this world. */
  readonly macs: readonly string[];
  /** Who is the device, since a call from it was accepted. */
  readonly rightful: Map<string, Phone>;
  /** How often each device has changed hands. */
  epochOf(mac: string): number;
  fetch(phone: Phone, how?: { method?: 'GET' | 'HEAD'; tftp?: boolean; token?: Secret | null; breaks?: boolean }): void;
  /** Resolves when the REGISTER has been refused or proven; a moment later it is written down. */
  register(phone: Phone): Promise<void>;
  /** From a phone that somebody has: its user lets it go, or hears that it is taken. */
  dialSetUp(phone: Phone, user: User): void;
  /** Somebody borrows a phone: all lines of the user move there, until it is given back. */
  logIn(phone: Phone, user: User): void;
  dialRelease(phone: Phone): void;
  release(mac: string): void;
  remove(mac: string): void;
  /** An administrator says whose device it is, without a call. */
  give(mac: string, user: User): void;
  blockOrUnblock(mac: string): void;
  drive(): void;
  /** An administrator has all phones told to fetch, or one. */
  sync(mac: string | null): void;
  userGoes(): void;
  userComes(): void;
  forget(): void;
  /** ARI alone: AMI stays. */
  ariComesOrGoes(): void;
  unregister(phone: Phone): Promise<void>;
  newUrl(mac: string): void;
  compare(): void;
  asteriskDies(): void;
  asteriskIsBack(): void;
  crash(): void;
  /** Registrations that have been proven are written down: that takes Asterisk no time to speak of. */
  written(): Promise<void>;
  /** What has been committed. */
  onEvent(event: Omit<Event, 'id'>): void;
  violation: Violation | undefined;
}

const families = shippedFamilies();
let worlds = 0;

export async function makeWorld(core: TestCore, chance: Chance): Promise<World> {
  const number = ++worlds;
  const id = number.toString(16).padStart(7, '0');
  const gates = openGates();
  const story: string[] = [];
  const registrar = fakeRegistrar(core.store, core.now, (all) => chance.shuffled(all));
  const rightful = new Map<string, Phone>();
  const hadLast = new Map<string, Phone>();
  const epochs = new Map<string, number>();
  /** Which account each token was given out with: a token is worth as much as that. */
  const issued = new Map<string, string>();
  const credentials = new Map<string, { readonly authName: string; readonly password: string }>();
  /** Who last called about a device on an account, and from which port. */
  const calls = new Map<string, { readonly phone: Phone; readonly port: number }>();
  const toBeTold = new Set<Phone>();
  /** Accounts that phones have left for a user's, in this order. */
  const accountsLeft: string[] = [];
  const used = new Set<string>();
  const blocked = new Set<string>();
  /** Who has last registered from each place. */
  const latest = new Map<string, string>();
  const everThere = new Map<string, Set<string>>();
  /** Account and port that each phone was last registered with, and until when. */
  const standing = new Map<string, { readonly as: string; readonly until: number }>();
  /** Where each phone was registered when a call from it was accepted. */
  const acceptedAt = new Map<string, { readonly phone: Phone; readonly port: number }>();

  const users: User[] = [];
  for (let i = 0; i < 2; i++) {
    users.push(await core.store.addUser(aUser(`9${number}0${i}`, `User ${i}`)));
  }
  const isIPv6 = chance.next() < 0.2;
  const office: Site = { address: isIPv6 ? '2001:db8::1' : '203.0.113.1', isPublic: true, ports: 0 };
  const siteFor = (index: number, lan: boolean): Site =>
    lan ? { address: isIPv6 ? `fd00::${10 + index}` : `10.0.0.${10 + index}`, isPublic: false, ports: 0 } : office;
  const onLan = chance.next() < 0.4;
  const phones = Array.from({ length: 2 + chance.below(2) }, (_, i) =>
    makePhone(`P${i}`, `02${id}${'0'.repeat(2)}${i}`, siteFor(i, onLan), i, chance, false),
  );
  const target = chance.pick(phones).mac;
  const strangers = [
    makePhone('S0', target, { address: '198.51.100.66', isPublic: true, ports: 0 }, 50, chance, true),
    makePhone('S1', target, siteFor(60, onLan), 60, chance, true),
  ];
  const everybody = [...phones, ...strangers];
  const macs = phones.map(({ mac }) => mac);

  let watch: RegistrationWatch;
  let ports = portsOfALife();
  const held = (error: unknown): void => violate(`drive: ${error instanceof Error ? error.stack : String(error)}`);
  const syncsOfALife = (): (() => Promise<void>) =>
    syncDriver(
      { ...ports, checkSyncOf: (family) => ({ event: `check-sync;${family};sync`, contentType: null, body: null }) },
      held,
    );
  let driveSyncs = syncsOfALife();
  function portsOfALife(): Ports {
    const reached = {
      store: gates.guard(core.store, 'store', false),
      registrar: asked(gates.guard(watched(), 'asterisk', true)),
      times: TIMES,
      now: core.now,
    };
    watch = watchRegistrations(reached);
    return {
      ...reached,
      ...watch,
      secrets: core.secrets,
      checkSyncOf: (family) => ({ event: `check-sync;${family}`, contentType: null, body: null }),
      portsOf: () => 1,
      linesOf: () => 1,
      languages: ['en'],
      wake: () => {},
    };
  }

  function violate(what: string): void {
    world.violation ??= new Violation(what);
    note(`VIOLATION ${what}`);
  }
  function note(what: string): void {
    story.push(what);
  }
  /** Work of selfprov's process: refusals are its ordinary end. */
  function run(what: string, work: () => Promise<unknown>): void {
    note(what);
    void work().catch((error: unknown) => {
      if (error instanceof SelfprovError) return note(`  ${what}: ${error.reason ?? error.code}`);
      violate(`${what} fails: ${error instanceof Error ? error.stack : String(error)}`);
    });
  }

  const at = (uri: string): Phone | undefined =>
    everybody.find((phone) => placeOf(addressOf(phone), phone.port) === whereOf(uri));

  /** Asterisk, with an eye on whom it is asked to tell. */
  function asked(guarded: FakeRegistrar): FakeRegistrar {
    return {
      ...guarded,
      async notify(uri, notification) {
        const mac = notification.event.split(';')[1];
        const reached = at(uri);
        // Of a phone that has come there without a word, or has come back there, nobody can know.
        const known = (await registrar.allContacts()).some(
          (contact) =>
            nameIn(contact.callId) === reached?.name &&
            whereOf(contact.uri) === whereOf(uri) &&
            latest.get(whereOf(uri)) === reached?.name &&
            !unheard.has(markOf(contact)),
        );
        if (known && reached?.mac !== mac) violate(`NOTIFY for ${mac} to the contact of ${reached?.name}`);
        return guarded.notify(uri, notification);
      },
    };
  }

  let ariIsDown = false;
  const needsAri = (): void => {
    if (ariIsDown) throw new SelfprovError('unavailable', 'ARI is down');
  };
  /** Asterisk, with an eye on what it is told to do. */
  function watched(): FakeRegistrar {
    return {
      ...registrar,
      async announce(contact) {
        needsAri();
        await registrar.announce(contact);
      },
      async authsOf(endpoint) {
        needsAri();
        return registrar.authsOf(endpoint);
      },
      async notify(uri, notification) {
        await registrar.notify(uri, notification);
        const [, mac = '', by] = notification.event.split(';');
        if (by === 'sync') await onceForEach(mac);
        note(`NOTIFY for ${mac.slice(-1)} to ${uri}`);
        const reached = at(uri);
        if (reached?.mac === mac && (await core.store.handOver(mac, 1))?.state === 'open') noPeace(reached);
        if (reached !== undefined) toBeTold.delete(reached);
        if (reached?.obeys === true && reached.mac === mac) world.fetch(reached);
      },
      async remove(contact) {
        const used = credentials.get(nameAndUri(nameIn(contact.callId), contact.uri));
        const standing = (await registrar.contactsAt(contact.uri)).some(({ callId }) => callId === contact.callId);
        const lines = await core.store.linesOfEndpoint(contact.aor);
        if (
          standing &&
          lines.some((line) => line.authName === used?.authName && line.secret.reveal() === used.password)
        )
          violate(`a registration of ${nameIn(contact.callId)} as ${contact.aor}, which it may have, is removed`);
        needsAri();
        note(`remove ${contact.uri}`);
        await registrar.remove(contact);
      },
    };
  }

  /** No sync tells a device twice. */
  async function onceForEach(mac: string): Promise<void> {
    const told = (toldBySyncs.get(mac) ?? 0) + 1;
    toldBySyncs.set(mac, told);
    const items = await Promise.all((await core.store.syncs('default')).map(({ id }) => core.store.syncItem(id, mac)));
    const syncs = items.filter((item) => item !== undefined).length;
    if (told > syncs) violate(`${mac} is told ${told} times by ${syncs} syncs`);
  }

  /** A phone that has its file is starting: who tells it again makes it start again. */
  function noPeace(phone: Phone): void {
    const { fetchedAt, firstFetchedAt, config } = phone;
    if (fetchedAt === null || firstFetchedAt === null || config?.epoch !== world.epochOf(phone.mac)) return;
    const now = core.now();
    const isStarting = now > fetchedAt && now - fetchedAt < TIMES.registerWithin;
    if (isStarting && now - firstFetchedAt < 2 * TIMES.registerWithin && driveBegan > fetchedAt)
      violate(`${phone.name} is told to fetch ${(now - fetchedAt) / 1000} s after it has fetched`);
  }
  let driveBegan = 0;
  const looking = new Set<unknown>();
  /** How often each device was told by syncs. */
  const toldBySyncs = new Map<string, number>();

  /** Registrations that selfprov has not had the time to hear of. */
  const unheard = new Set<string>();
  registrar.onAuthenticated = (endpoint, place) => watch.heard(endpoint, place);
  const hearOf = (endpoint: string): void =>
    run(`note ${endpoint}`, async () => {
      const contacts = await registrar.contacts(endpoint);
      const marks = contacts.map(markOf);
      for (const mark of marks) unheard.add(mark);
      await noteRegistrations(ports, endpoint);
      for (const mark of marks) unheard.delete(mark);
    });

  function has(mac: string, phone: Phone): void {
    rightful.set(mac, phone);
    hadLast.set(mac, phone);
  }

  /** Who has a device that an administrator gives to a user: whoever has used its account, else the one that had it before. */
  function whoHas(mac: string, account: string): Phone | undefined {
    const using = everybody.find((phone) => phone.mac === mac && used.has(`${phone.name} ${account}`));
    return using ?? hadLast.get(mac);
  }

  function isThere(phone: Phone, port: number): void {
    const place = placeOf(addressOf(phone), port);
    everThere.set(place, (everThere.get(place) ?? new Set<string>()).add(phone.name));
  }

  /** A phone that is where nobody else has ever been is told. */
  async function whyNot(mac: string, why: string): Promise<void> {
    const { contact = null } = (await core.store.handOver(mac, 1)) ?? {};
    if (contact === null || !why.startsWith('its contact may be')) return;
    const there = [...(everThere.get(whereOf(contact)) ?? [])];
    const aor = /^sips?:([^@]+)@/.exec(contact)?.[1] ?? '';
    const sharing = [...(await core.store.linesOfEndpoint(aor)), ...(await core.store.farewells(aor))];
    const isAlone = there.length === 1 && everybody.find(({ name }) => name === there[0])?.mac === mac;
    if (isAlone && sharing.every((each) => each.mac === mac)) violate(`${mac} is not told where nobody else has been`);
  }

  /** What leaves with an answer: `worth` are the accounts whose token is a proof now. */
  function checkAnswer(phone: Phone, given: Secret | null, isUsers: boolean, worth: readonly (string | null)[]): void {
    if (!isUsers || rightful.get(phone.mac) === phone) return;
    const account = given === null ? undefined : issued.get(given.reveal());
    if (account === undefined || !worth.includes(account))
      violate(`${phone.name} gets the user's secret of ${phone.mac}`);
  }

  type Calling = NonNullable<Awaited<ReturnType<typeof callingDevice>>>;
  type Assigned = Pick<Assignment, 'mac' | 'slot' | 'actor'> & { readonly call: FromLine };

  /** A call to the self-provisioning extension, after the secret has been accepted. */
  function dial(phone: Phone, what: string, assign: (caller: Calling, from: Assigned) => Promise<void>): void {
    const { config } = phone;
    if (config === null || phone.inCall) return;
    phone.inCall = true;
    isThere(phone, phone.port);
    run(`${phone.name} ${what}`, async () => {
      try {
        const address = addressOf(phone);
        const caller = await callingDevice(ports, { endpoint: config.user, authName: config.authName, address });
        // Asterisk lets nobody call with the password of an account that has ended.
        if (caller?.line.secret.reveal() !== config.password) return;
        const named = chance.next() < 0.2 ? 'sip:x@192.0.2.99:5060' : `sip:x@${bracketed(address)}:${phone.port}`;
        calls.set(`${caller.device.mac} ${caller.line.endpoint}`, { phone, port: phone.port });
        const { viaAddress, viaPort, agent } = phone;
        const identity = { callId: '', address, viaAddress, viaPort, userAgent: agent };
        const call = { lineId: caller.line.id, caller: { contact: named, address, identity } };
        await assign(caller, { mac: caller.device.mac, slot: caller.line.slot, actor: 'phone', call });
        await endOfCall(ports, caller.line);
      } finally {
        phone.inCall = false;
      }
    });
  }

  const world: World = {
    ...{ chance, gates, registrar, users, phones, strangers, story, macs, rightful, toBeTold, note },
    store: core.store,
    now: core.now,
    hasUsed: ({ name, config }) => used.has(`${name} ${config?.authName}`),
    pass: (ms) => core.pass(ms),
    epochOf: (mac) => epochs.get(mac) ?? 0,
    violation: undefined,

    fetch(phone, { method = 'GET', tftp = false, token, breaks = false } = {}) {
      toBeTold.delete(phone);
      const given = token === undefined ? (phone.config?.token ?? null) : token;
      const address = addressOf(phone);
      run(`${phone.name} ${tftp ? 'TFTP' : method}${given === null ? '' : ' with a token'}`, async () => {
        const seen = { family: phone.mac, model: null, firmware: null, address };
        const claim = { token: given, address };
        const asking = { mac: phone.mac, claim, seen, isProvisional: tftp || method === 'HEAD' };
        const before = await core.store.handOver(phone.mac, 1);
        const leftBefore = accountsLeft.length;
        const admitted = await admit({ ...ports, tenantId: 'default' }, asking);
        if (admitted === undefined) return note(`  ${phone.name} gets nothing`);
        const [line] = admitted.lines;
        if (line === undefined) return;
        const left = [before, await core.store.handOver(phone.mac, 1)].map((handOver) =>
          handOver?.kind === 'assign' && handOver.state !== 'done' ? handOver.leaves : null,
        );
        checkAnswer(phone, given, line.userId !== null, [line.authName, ...left, ...accountsLeft.slice(leftBefore)]);
        issued.set(line.token.reveal(), line.userId === null ? line.endpoint : line.authName);
        if (method === 'HEAD' || breaks) return;
        note(`  ${phone.name} gets ${line.authName}`);
        // What was decided before the device changed hands may arrive after it.
        const isOld = !(await core.store.lines(phone.mac)).some(({ authName }) => authName === line.authName);
        phone.config = configOf(admitted.lines, world.epochOf(phone.mac) - (isOld ? 1 : 0));
        if (!isOld) toBeTold.delete(phone);
        await recordFetch(ports, admitted, claim);
        // Who shows nothing of itself behind a public address may be anybody there.
        const isIts = !phone.site.isPublic || (await core.store.handOver(phone.mac, 1))?.lineId === line.id;
        if (isIts) phone.fetchedAt = core.now();
        if (isIts) phone.firstFetchedAt ??= core.now();
      });
    },

    async register(phone) {
      const { config, callId, viaAddress, viaPort, agent, port } = phone;
      if (config === null) return;
      const { user, authName, password } = config;
      const address = addressOf(phone);
      credentials.set(nameAndUri(phone.name, `sip:${user}@${bracketed(address)}:${port}`), { authName, password });
      const expires = chance.pick(config.isUsers ? [60, 600, 3600, 7200] : [60, 120, 600]);
      const where = { address, port, viaAddress, viaPort, callId, userAgent: agent };
      await new Promise<void>((proven) => {
        const writing = (): Promise<void> => {
          proven();
          return gates.wait(WRITING);
        };
        const request = { user, authName, password, ...where, expires };
        void registrar.register(request, writing).then((status) => {
          note(`${phone.name} REGISTER ${authName} from ${port}: ${status}`);
          proven();
          if (status !== 200) return;
          used.add(`${phone.name} ${authName}`);
          latest.set(placeOf(address, port), phone.name);
          isThere(phone, port);
          standing.set(phone.name, { as: `${user} ${port}`, until: core.now() + expires * 1000 });
          hearOf(user);
        });
      });
    },
    async unregister(phone) {
      const { config, callId, viaAddress, viaPort, agent, port } = phone;
      if (config === null) return;
      const { user, authName, password } = config;
      const where = { address: addressOf(phone), port, viaAddress, viaPort, callId, userAgent: agent };
      const status = await registrar.register({ user, authName, password, ...where, expires: 0 });
      if (status === 200) standing.delete(phone.name);
      if (status === 200) isThere(phone, port);
      note(`${phone.name} unregisters ${authName}: ${status}`);
    },

    async written() {
      while (gates.waiting().includes(WRITING)) await gates.release(gates.waiting().indexOf(WRITING));
    },

    dialSetUp(phone, user) {
      const takesOver = chance.next() < 0.3;
      dial(phone, `dials for ${user.extension}`, async (caller, from) => {
        if (caller.line.userId !== null && !takesOver) return;
        await assignDevice(ports, { ...from, userId: user.id, takesOver: caller.line.userId !== null });
      });
    },
    logIn(phone, user) {
      dial(phone, `logs ${user.extension} in`, async (caller, from) => {
        if (caller.line.userId === null) await logIn(ports, { ...from, userId: user.id });
      });
    },

    dialRelease(phone) {
      dial(phone, 'gives itself back', async (caller, { mac, actor, call }) => {
        if (caller.line.userId !== null) await releaseDevice(ports, { mac, actor, call });
      });
    },

    release: (mac) => run(`release ${mac.slice(-1)}`, () => releaseDevice(ports, { mac, actor: 'test' })),
    remove: (mac) => run(`remove ${mac.slice(-1)}`, () => removeDevice(ports, { mac, actor: 'test' })),
    give: (mac, user) =>
      run(`give ${mac.slice(-1)} to ${user.extension}`, async () => {
        const { tenantId, extension } = user;
        await giveDevice({ ...ports, actor: 'test', languages: null }, { mac, tenantId, extension, slot: 1 });
      }),
    blockOrUnblock: (mac) =>
      run(`block or unblock ${mac.slice(-1)}`, async () => {
        const isBlocked = (await core.store.device(mac))?.isBlocked === true;
        await (isBlocked ? unblockDevice : blockDevice)({ ...ports, actor: 'test', languages: null }, mac);
      }),
    drive() {
      driveBegan = core.now();
      run('drive', () => driveHandOvers(ports, held));
      // One process looks at syncs at one time only.
      const life = driveSyncs;
      if (looking.has(life)) return;
      looking.add(life);
      run('drive syncs', () => life().finally(() => looking.delete(life)));
    },
    sync(mac) {
      const administrator = { ...ports, actor: 'test', languages: null };
      run(`sync ${mac?.slice(-1) ?? 'all'}`, () =>
        mac === null
          ? startSync(administrator, 'default', { all: true }, { ...USUAL_PACE, perMinute: 600 })
          : syncDevice(administrator, mac),
      );
    },
    userGoes() {
      const user = chance.pick(users);
      run(`user ${user.extension} goes`, () => removeUser({ ...ports, actor: 'test', languages: null }, user));
    },
    userComes() {
      const at = chance.below(users.length);
      const { id, ...gone } = users[at] ?? chance.pick(users);
      run(`user ${gone.extension} comes`, async () => {
        users[at] = await core.store.addUser(gone);
        note(`  ${gone.extension} is somebody else than ${id}`);
      });
    },
    forget: () => run('forget the old', () => forgetTheOld(ports, RETENTION)),
    ariComesOrGoes() {
      ariIsDown = !ariIsDown;
      note(`ARI is ${ariIsDown ? 'down' : 'up'}`);
      if (!ariIsDown) world.compare();
    },
    newUrl(mac) {
      const facts = { families: () => families, openUrl: () => 'http://phones.example/' };
      run(`new URL for ${mac.slice(-1)}`, () => newUrl({ ...ports, actor: 'test', languages: null }, facts, mac));
    },
    compare: () => run('compare', () => watch.compare()),
    asteriskDies() {
      registrar.isDown = true;
      watch.lost();
      note('Asterisk dies');
    },
    asteriskIsBack() {
      registrar.isDown = false;
      ariIsDown = false;
      note('Asterisk is back');
      world.compare();
    },
    onEvent({ step, mac, actor, detail }) {
      if (mac === null || !macs.includes(mac)) return;
      note(`  * ${step} ${mac.slice(-1)}`);
      if (step === 'not_notified' && detail['sync'] === undefined)
        run('look why', () => whyNot(mac, String(detail['why'])));
      if (step === 'done' || step === 'failed') acceptedAt.delete(mac);
      if (step === 'blocked') blocked.add(mac);
      if (step === 'unblocked' || step === 'removed') blocked.delete(mac);
      if (step === 'new_url' || step === 'removed') hadLast.delete(mac);
      // What it had is worth nothing: an administrator has said so.
      if (step === 'new_url') epochs.set(mac, world.epochOf(mac) + 1);
      if (step !== 'accepted' && step !== 'released' && step !== 'removed') return;
      const under = acceptedAt.get(mac);
      acceptedAt.delete(mac);
      if (step !== 'accepted' && under !== undefined && under.phone.port === under.port) toBeTold.add(under.phone);
      epochs.set(mac, world.epochOf(mac) + 1);
      for (const phone of everybody) if (phone.mac === mac) phone.firstFetchedAt = phone.fetchedAt = null;
      if (step === 'accepted') accountsLeft.push(String(detail['account']));
      if (step === 'accepted' && blocked.has(mac)) violate(`${mac} is given to a user while it is blocked`);
      const account = String(detail['account']);
      const caller = step === 'accepted' && actor === 'phone' ? calls.get(`${mac} ${account}`) : undefined;
      const named = step === 'accepted' && actor !== 'phone' ? whoHas(mac, account) : undefined;
      if (named !== undefined) return has(mac, named);
      if (caller === undefined) return void rightful.delete(mac);
      const { phone, port } = caller;
      has(mac, phone);
      const { as, until } = standing.get(phone.name) ?? { as: '', until: 0 };
      const stays = phone.port === port && as === `${phone.config?.user} ${port}` && until > core.now();
      if (stays) acceptedAt.set(mac, caller);
    },
    crash() {
      note('selfprov dies');
      gates.crash();
      for (const phone of everybody) phone.inCall = false;
      ports = portsOfALife();
      driveSyncs = syncsOfALife();
      world.compare();
    },
  };

  return world;
}

/** Asterisk keeps the Call-ID that a URI was first registered with, whatever the phone has used since. */
function nameAndUri(phone: string, uri: string): string {
  return `${phone} ${uri.split(';')[0]}`;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
