import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { CallEnded } from '../../src/ivr/call.ts';
import { phoneNumber } from '../../src/ivr/phoneNumber.ts';
import { release } from '../../src/ivr/release.ts';
import { selfProvision } from '../../src/ivr/selfProvision.ts';
import type { TestCore } from './core.ts';
import type { PhoneFamily } from '../../src/virtualPhone/families/family.ts';
import { yealink } from '../../src/virtualPhone/families/yealink.ts';
import type { LineReading, PhoneReading, Settings } from '../../src/virtualPhone/readers/reading.ts';
import { scriptedCall, type Script } from './scriptedCall.ts';
import { waitFor } from './wait.ts';

/** Of all users on the stage, unless another is given. */
export const PIN = '840271';

/** Where a phone is plugged in. */
interface Place {
  readonly core: TestCore;
  readonly url: string;
  drive(): Promise<void>;
}

export interface PhoneWanted {
  readonly family?: PhoneFamily;
  readonly model?: string;
  readonly mac?: string;
  readonly address?: string;
  /** Of its own, behind a router: its packets come from `address`, at a port of its own. */
  readonly inside?: string;
}

/** A phone as it is played: it fetches as its family does, believes what it has read, registers and calls with that. */
export interface StagePhone {
  readonly mac: string;
  readonly address: string;
  /** Each path that it has asked for, with the status that it got. */
  readonly requests: readonly (readonly [path: string, status: number])[];
  readonly settings: Settings;
  readonly reading: PhoneReading;
  /** Its first line; throws when it has none. */
  readonly line: LineReading;
  readonly contact: string;
  /** One GET, to wherever; the text when it was answered 200. */
  get(path: string): Promise<string | undefined>;
  fetch(): Promise<void>;
  /** Starts anew and registers with its first line, or with all. */
  register(): Promise<readonly (200 | 401 | undefined)[]>;
  /** Out of the box: fetches and registers. */
  plugIn(): Promise<void>;
  /** As after a check-sync: fetches, and its fetch is noted; registers. */
  comeBack(): Promise<void>;
  /** All of it: plugged in, the call, the restart. It ends as the user's, or the call's last words are thrown. */
  setUp(extension: string, pin?: string): Promise<void>;
  /** Back to what it was out of the box. */
  factoryReset(): void;
  /** Calls from a line; gives all that was heard. `*55…` and the like are split as the dialplan does. */
  dial(number: string, keys?: string, more?: Partial<Script> & { readonly line?: number }): Promise<readonly string[]>;
}

const BOOT_URL = 'http://prov.example.net/';

export function stagePhone(stage: Place, number: number, wanted: PhoneWanted): StagePhone {
  const { core } = stage;
  const family = wanted.family ?? yealink;
  const { model = family.model, mac = `001565aabb${String(number).padStart(2, '0')}` } = wanted;
  const { address = `10.0.0.${number}` } = wanted;
  const inside = wanted.inside ?? address;
  const port = wanted.inside === undefined ? 5060 : 40_000 + number;
  const requests: (readonly [string, number])[] = [];
  let settings: Settings = new Map();
  let reading: PhoneReading = { lines: [], keys: [] };
  let starts = 0;

  async function get(target: string): Promise<string | undefined> {
    const { pathname } = new URL(target, BOOT_URL);
    const headers = { 'user-agent': family.userAgent({ model, mac }), 'x-forwarded-for': address };
    const answer = await fetch(new URL(pathname, stage.url), { headers, redirect: 'manual' });
    requests.push([pathname, answer.status]);
    const text = await answer.text();
    return answer.status === 200 ? text : undefined;
  }

  async function fetchFiles(): Promise<void> {
    const deliveryUrl = reading.deliveryUrl ?? BOOT_URL;
    const files = await family.boot({ mac, model, deliveryUrl, get });
    settings = new Map([settings, ...files.map((file) => family.reader.parse(file))].flatMap((found) => [...found]));
    reading = family.reader.read(settings);
  }

  async function register(): Promise<readonly (200 | 401 | undefined)[]> {
    starts += 1;
    core.pass(2000);
    const answers: (200 | 401 | undefined)[] = [];
    for (const { user, authUser, password, line } of reading.lines) {
      const at = { address, port: port + line - 1, viaAddress: inside, viaPort: 5060 + line - 1 };
      const how = { callId: `${mac}-${line}-${starts}`, userAgent: family.userAgent({ model, mac }), expires: 600 };
      answers.push(await core.registrar.register({ user, authName: authUser, password, ...at, ...how }));
      await noteRegistrations(core, user);
    }
    return answers;
  }

  const unfetched = async (): Promise<boolean> =>
    (await core.store.handOversOf(mac)).some(({ state, fetchedAt }) => state !== 'done' && fetchedAt === null);

  const phone: StagePhone = {
    mac,
    address,
    requests,
    get,
    fetch: fetchFiles,
    register,
    get settings() {
      return settings;
    },
    get reading() {
      return reading;
    },
    get line() {
      const [line] = reading.lines;
      if (line === undefined) throw new Error(`phone ${mac} has no line`);
      return line;
    },
    get contact() {
      const host = inside === address ? '' : `;x-ast-orig-host=${inside}:5060`;
      return `sip:${phone.line.user}@${address}:${port}${host}`;
    },
    async plugIn() {
      await fetchFiles();
      await register();
    },
    async comeBack() {
      await fetchFiles();
      await waitFor(async () => !(await unfetched()), { what: `the fetch of ${mac} being noted` });
      await register();
    },
    async setUp(extension, pin = PIN) {
      await phone.plugIn();
      const heard = await phone.dial('*55', `${extension}#${pin}#1`);
      if (heard.at(-1) !== 'phone-will-restart') throw new Error(`heard: ${heard.join(', ')}`);
      await stage.drive();
      await phone.comeBack();
    },
    factoryReset() {
      settings = new Map();
      reading = { lines: [], keys: [] };
    },
    async dial(dialled, keys = '', { line = 1, ...more } = {}) {
      const { user, authUser } = reading.lines.find((each) => each.line === line) ?? phone.line;
      const at = port + line - 1;
      const { script, rest } = await route(dialled);
      const call = scriptedCall({
        ...{ endpoint: user, authName: authUser, address, contact: `sip:${user}@${address}:${at}` },
        ...{ keys, dialled: rest, ...more },
      });
      await script(core, call).catch((error: unknown) => {
        if (!(error instanceof CallEnded)) throw error;
      });
      return call.heard;
    },
  };

  /** As `dialplan/tenant.conf` does. */
  async function route(
    dialled: string,
  ): Promise<{ readonly script: typeof selfProvision; readonly rest: string | null }> {
    const tenant = await core.store.tenant((await core.store.device(mac))?.tenantId ?? 'default');
    if (tenant === undefined) throw new Error('there is no such tenant');
    if (dialled === tenant.releaseExtension) return { script: release, rest: null };
    if (dialled === tenant.numberExtension) return { script: phoneNumber, rest: null };
    if (!dialled.startsWith(tenant.extension)) throw new Error(`${dialled} does not lead to selfprov`);
    const rest = dialled.slice(tenant.extension.length);
    return { script: selfProvision, rest: rest === '' ? null : rest };
  }

  return phone;
}
