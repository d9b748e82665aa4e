import { setTimeout as pause } from 'node:timers/promises';
import { fetchAs } from '../../src/virtualPhone/fetchAs.ts';
import { ownAddress } from '../../src/virtualPhone/loopback.ts';
import { registeringPhone, type RegisteringPhone } from '../../src/virtualPhone/registeringPhone.ts';
import type { Site } from './site.ts';

/** One answer to a phone, and how long it took in milliseconds. Status 0: none. */
export interface Answer {
  readonly at: number;
  readonly took: number;
  readonly status: number;
}

/** A phone without sound, for tests with many: it fetches, registers, and does both anew whenever it is told. */
export interface SilentPhone {
  readonly mac: string;
  /** Check-syncs that have come, whichever of its registrations they came for. */
  readonly told: () => number;
  /** Files that it has got whole because it was told. */
  readonly updates: () => number;
  /** Fetches its file once; rejects when it gets another's. */
  fetch(from: 0 | 1): Promise<Answer>;
  /** Registers once more, where it is. */
  register(): Promise<Answer>;
  close(): Promise<void>;
}

export interface SilentPhoneOptions {
  readonly mac: string;
  /** Of the site: which process and which Asterisk it asks first. */
  readonly at: 0 | 1;
  /** Milliseconds that it waits for an answer to a REGISTER: a phone sends it again and again for 32 s, this one once. */
  readonly patience?: number;
}

const USER_AGENT = 'Yealink SIP-T46S 66.86.0.15';
const AGAIN_MS = 500;
const STARTS_IN_MS = 1000;

/** Of a process or an Asterisk, whose turn it is. */
export const inTurn = (turn: number): 0 | 1 => (turn % 2 === 0 ? 0 : 1);

/** Boots it, and resolves when it is registered: it asks in turn until somebody answers, as behind a balancer. */
export async function bootSilentPhone(site: Site, options: SilentPhoneOptions): Promise<SilentPhone> {
  const { mac, at, patience = 32_000 } = options;
  const address = ownAddress();
  const radios: RegisteringPhone[] = [];
  const lives: Promise<void>[] = [];
  let isOver = false;
  let [told, updates, path] = [0, 0, '/'];

  async function get(from: 0 | 1): Promise<Answer & { readonly body: string }> {
    const begun = Date.now();
    const url = new URL(`${path}${mac}.cfg`, site.processes[from].url).href;
    const got = await fetchAs({ address, userAgent: USER_AGENT }, url).catch(() => undefined);
    return { at: begun, took: Date.now() - begun, status: got?.status ?? 0, body: got?.body ?? '' };
  }

  async function nextFile(): Promise<Line> {
    for (let turn: number = at; !isOver; turn++) {
      const { status, body } = await get(inTurn(turn));
      if (status === 200) return readLine(body);
      await pause(AGAIN_MS);
    }
    throw new Error(`phone ${mac} got no file`);
  }

  async function comeUp({ path: next, ...account }: Line): Promise<RegisteringPhone> {
    path = next;
    for (let turn: number = at; !isOver; turn++) {
      const { sipPort } = site.asterisks[inTurn(turn)];
      const own = await registeringPhone({ ...account, address, sipPort, patience });
      radios.push(own);
      if ((await own.register(600).catch(() => 0)) === 200) return own;
      await pause(AGAIN_MS);
    }
    throw new Error(`phone ${mac} is not registered`);
  }

  /** The registration before is let be, as by a phone that restarts. */
  async function live(own: RegisteringPhone): Promise<void> {
    while (!isOver) {
      const request = await own.request().catch(() => '');
      if (!request.startsWith('NOTIFY ')) continue;
      told += 1;
      if (own !== radio) continue;
      line = await nextFile();
      updates += 1;
      await pause(STARTS_IN_MS);
      radio = await comeUp(line);
      lives.push(live(radio));
    }
  }

  let line = await nextFile();
  let radio = await comeUp(line);
  lives.push(live(radio));
  return {
    mac,
    told: () => told,
    updates: () => updates,
    async fetch(from) {
      const { body, ...answer } = await get(from);
      if (answer.status === 200 && readLine(body).aor !== line.aor) throw new Error(`phone ${mac} got another's file`);
      return answer;
    },
    async register() {
      const begun = Date.now();
      const status = await radio.register(600).catch(() => 0);
      return { at: begun, took: Date.now() - begun, status };
    },
    async close() {
      isOver = true;
      await Promise.allSettled(lives);
      for (const each of radios) each.close();
    },
  };
}

/** What a file says of the phone's line, and the path of what it is to fetch from then on. */
interface Line {
  readonly aor: string;
  readonly authName: string;
  readonly password: string;
  readonly path: string;
}

function readLine(file: string): Line {
  const value = (name: string): string => new RegExp(`^${name} *= *(.+)$`, 'm').exec(file)?.[1]?.trim() ?? '';
  const url = new URL(value('static.auto_provision.server.url') || value('auto_provision.server.url'));
  const [aor, authName] = [value('account.1.user_name'), value('account.1.auth_name')];
  return { aor, authName, password: value('account.1.password'), path: url.pathname };
}
