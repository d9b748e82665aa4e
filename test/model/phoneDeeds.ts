import { placeOf } from '../../src/domain/addresses.ts';
import { credentialIn } from '../../src/domain/accounts.ts';
import { Secret } from '../../src/domain/secret.ts';
import { markOf } from '../../src/domain/registrations.ts';
import type { Line } from '../../src/domain/device.ts';
import type { User } from '../../src/domain/user.ts';
import { admit } from '../../src/provisioning/files/admit.ts';
import { recordFetch } from '../../src/provisioning/files/recordFetch.ts';
import { assignDevice, type Assignment } from '../../src/provisioning/handOver/assignDevice.ts';
import type { FromLine } from '../../src/provisioning/handOver/beginHandOver.ts';
import { callingDevice } from '../../src/provisioning/handOver/callingDevice.ts';
import { endOfCall } from '../../src/provisioning/handOver/endOfCall.ts';
import { logIn } from '../../src/provisioning/handOver/hotDesk.ts';
import { noteRefused } from '../../src/provisioning/handOver/formers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { bracketed } from './oracle.ts';
import { addressOf, configOf, signalling, type Account, type Phone } from './phones.ts';
import type { Scene } from './world.ts';

function hashed(realm: Pick<Line, 'realm'>, authName: string, password: string): string {
  return credentialIn(realm, { authName, authUser: null, secret: new Secret(password) }).md5Credential;
}

/** What a registration waits for between its proof and its being written down. */
const WRITING = 'asterisk writes a registration';

/** What phones do, and the people who use them. */
export interface PhoneDeeds {
  fetch(phone: Phone, how?: { method?: 'GET' | 'HEAD'; tftp?: boolean; token?: Secret | null; breaks?: boolean }): void;
  /** With one of its accounts. Resolves when the REGISTER has been refused or proven; a moment later it is written down. */
  register(phone: Phone, account?: Account): Promise<void>;
  unregister(phone: Phone): Promise<void>;
  /** From a phone that somebody has: its user lets it go, or hears that it is taken. */
  dialSetUp(phone: Phone, user: User): void;
  /** Somebody borrows a phone: all lines of the user move there, until it is given back. */
  logIn(phone: Phone, user: User): void;
  dialRelease(phone: Phone): void;
  /** Registrations that have been proven are written down: that takes Asterisk no time to speak of. */
  written(): Promise<void>;
}

export function phoneDeeds({ core, chance, gates, registrar, oracle, story, ports, everyPorts }: Scene): PhoneDeeds {
  const { note, run, violate } = story;

  const someAccount = ({ config }: Phone): Account | undefined =>
    config === null ? undefined : chance.pick(config.accounts);

  function hearOf(endpoint: string): void {
    run(`note ${endpoint}`, async () => {
      const marks = (await registrar.contacts(endpoint)).map(markOf);
      for (const mark of marks) oracle.unheard.add(mark);
      await Promise.all(everyPorts().map((its) => noteRegistrations(its, endpoint)));
      for (const mark of marks) oracle.unheard.delete(mark);
    });
  }

  /** Whoever has what a line has, or had and may still need, is let in at the second try. */
  function hearOfRefusal(phone: Phone, { endpoint, authName, password, ...account }: Account): void {
    const { address, callId } = signalling(phone, account);
    const itsLine = async () => (await core.store.linesOfEndpoint(endpoint)).find(({ mac }) => mac === phone.mac);
    run(`hear that ${phone.name} is refused`, async () => {
      for (const life of everyPorts()) await noteRefused(life, { endpoint, address, callId });
      const line = await itsLine();
      if (line?.secret.reveal() === password) violate(`${phone.name} is refused with the password of its line`);
      const isFormer =
        line?.former?.authName === authName && line.former.md5Credential === hashed(line, authName, password);
      if (isFormer && line.former?.withdrawnAt !== null)
        violate(`${phone.name} is refused, and does not get back what it had`);
    });
  }

  type Calling = NonNullable<Awaited<ReturnType<typeof callingDevice>>>;
  type Assigned = Pick<Assignment, 'mac' | 'slot' | 'actor'> & { readonly call: FromLine };

  /** A call to the self-provisioning extension, after the secret has been accepted. */
  function dial(
    phone: Phone,
    what: string,
    assign: (caller: Calling, from: Assigned, life: ReturnType<Scene['ports']>) => Promise<void>,
  ): void {
    const account = someAccount(phone);
    if (account === undefined || phone.inCall.has(account.authName)) return;
    oracle.hasCalled(phone, account);
    const life = ports();
    phone.inCall.set(account.authName, life.process);
    run(`${phone.name} ${what} on port ${account.slot}`, async () => {
      try {
        const { endpoint, authName, password } = account;
        const caller = await callingDevice(life, { endpoint, authName, address: addressOf(phone) });
        // Asterisk lets nobody call with the password of an account that has ended.
        if (caller?.line.secret.reveal() !== password) return;
        const { address, port, viaAddress, viaPort, userAgent } = signalling(phone, account);
        const named = chance.next() < 0.2 ? 'sip:x@192.0.2.99:5060' : `sip:x@${bracketed(address)}:${port}`;
        oracle.hasCalled(phone, account);
        const identity = { callId: '', address, viaAddress, viaPort, userAgent };
        const call = { lineId: caller.line.id, caller: { contact: named, address, identity } };
        await assign(caller, { mac: caller.device.mac, slot: caller.line.slot, actor: 'phone', call }, life);
        await endOfCall(life, caller.line);
      } finally {
        phone.inCall.delete(account.authName);
      }
    });
  }

  return {
    fetch(phone, { method = 'GET', tftp = false, token, breaks = false } = {}) {
      oracle.toBeTold.delete(phone);
      const { mac, name } = phone;
      const given = token === undefined ? (phone.config?.token ?? null) : token;
      const life = ports();
      run(`${name} ${tftp ? 'TFTP' : method}${given === null ? '' : ' with a token'}`, async () => {
        const address = addressOf(phone);
        const seen = { family: mac, model: null, firmware: null, address };
        const claim = { token: given, address };
        const before = await core.store.handOversOf(mac);
        const leftBefore = oracle.accountsLeft().length;
        const asking = { mac, claim, seen, isProvisional: tftp || method === 'HEAD' };
        const admitted = await admit({ ...life, tenantId: 'default' }, asking);
        if (admitted === undefined) return note(`  ${name} gets nothing`);
        const { lines } = admitted;
        const underWay = [...before, ...(await core.store.handOversOf(mac))].filter(
          ({ kind, state }) => kind === 'assign' && state !== 'done',
        );
        const left = [...underWay.map(({ leaves }) => leaves), ...oracle.accountsLeft().slice(leftBefore)];
        oracle.checkAnswer(phone, given, lines, left);
        oracle.hasRead(lines);
        if (method === 'HEAD' || breaks) return;
        note(`  ${name} gets ${lines.map(({ authName }) => authName).join(' ')}`);
        // What was decided before the device changed hands may arrive after it.
        const current = await core.store.lines(mac);
        const isOld = !lines.every(({ id }) => current.some((line) => line.id === id));
        phone.config = configOf(lines, oracle.epochOf(mac) - (isOld ? 1 : 0));
        if (!isOld) oracle.toBeTold.delete(phone);
        await recordFetch(life, admitted, claim);
        await oracle.hasFetched(phone, lines);
      });
    },

    async register(phone, account = someAccount(phone)) {
      if (account === undefined) return;
      oracle.registers(phone, account);
      const { endpoint: user, authName, password } = account;
      const expires = chance.pick(account.userId === null ? [60, 120, 600] : [60, 600, 3600, 7200]);
      const request = { user, authName, password, ...signalling(phone, account), expires };
      await new Promise<void>((proven) => {
        const writing = (): Promise<void> => {
          proven();
          return gates.wait(WRITING);
        };
        void registrar.register(request, writing).then((status) => {
          note(`${phone.name} REGISTER ${authName} from ${request.port}: ${status}`);
          proven();
          if (status === 401) hearOfRefusal(phone, account);
          if (status !== 200) return;
          oracle.hasRegistered(phone, account, expires, placeOf(request.address, request.port));
          hearOf(user);
        });
      });
    },
    async unregister(phone) {
      const account = someAccount(phone);
      if (account === undefined) return;
      const { endpoint: user, authName, password } = account;
      const status = await registrar.register({
        ...{ user, authName, password, ...signalling(phone, account) },
        expires: 0,
      });
      if (status === 200) oracle.hasUnregistered(phone, account);
      note(`${phone.name} unregisters ${authName}: ${status}`);
    },
    async written() {
      while (gates.waiting().includes(WRITING)) await gates.release(gates.waiting().indexOf(WRITING));
    },

    dialSetUp(phone, user) {
      const takesOver = chance.next() < 0.3;
      dial(phone, `dials for ${user.extension}`, async (caller, from, life) => {
        if (caller.line.userId !== null && !takesOver) return;
        await assignDevice(life, { ...from, userId: user.id, takesOver: caller.line.userId !== null });
      });
    },
    logIn(phone, user) {
      dial(phone, `logs ${user.extension} in`, async (caller, from, life) => {
        if (caller.line.userId === null) await logIn(life, { ...from, userId: user.id });
      });
    },
    dialRelease(phone) {
      dial(phone, 'gives itself back', async (caller, { mac, slot, actor, call }, life) => {
        if (caller.line.userId !== null) await releaseDevice(life, { mac, slot, actor, call });
      });
    },
  };
}
