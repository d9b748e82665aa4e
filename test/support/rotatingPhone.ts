import type { Line } from '../../src/domain/device.ts';
import { orNotFound } from '../../src/domain/orNotFound.ts';
import { admit, type Admitted } from '../../src/provisioning/files/admit.ts';
import { recordFetch } from '../../src/provisioning/files/recordFetch.ts';
import { noteRefused } from '../../src/provisioning/handOver/formers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import type { TestCore } from './core.ts';
import type { OwnPhone } from './manyDevices.ts';

/** A phone that has what it has fetched, whatever is in the database by now. */
export interface RotatingPhone extends OwnPhone {
  /** Asks for its file, and has it when what is given back has been called. */
  fetch(): Promise<() => Promise<void>>;
  /** Fetches its file, whole. */
  fetchWhole(): Promise<void>;
  /** From now on it registers with what it has fetched; `start` as in `register`. */
  restart(start: string): Promise<200 | 401 | undefined>;
  /** `start` is what it names its registration by: another one after each start. Whom Asterisk refuses, selfprov hears of. */
  register(start?: string): Promise<200 | 401 | undefined>;
}

/** It has what the database has now. */
export async function rotatingPhone(core: TestCore, phone: OwnPhone): Promise<RotatingPhone> {
  const { mac, address, user } = phone;
  type Has = Pick<Line, 'authName' | 'secret'>;
  let uses: Has = orNotFound((await core.store.lines(mac))[0], 'line');
  let has = uses;
  let started = 'first';
  const number = Number.parseInt(mac.slice(6), 16);
  const { token } = orNotFound((await core.store.lines(mac))[0], 'line');

  const its: RotatingPhone = {
    ...phone,
    async fetch() {
      const claim = { token, address };
      const { family, model, firmware } = orNotFound(await core.store.device(mac), 'device');
      const seen = { family, model, firmware, address };
      const asked = { mac, claim, seen, isProvisional: false };
      const admitted: Admitted = orNotFound(await admit({ ...core, tenantId: 'default' }, asked), 'file');
      return async () => {
        has = orNotFound(admitted.lines[0], 'line');
        await recordFetch(core, admitted, claim);
      };
    },
    fetchWhole: async () => (await its.fetch())(),
    restart(start) {
      uses = has;
      return its.register(start);
    },
    async register(start = started) {
      started = start;
      const callId = `${mac}-${start}`;
      const status = await core.registrar.register({
        ...{ user: user.endpoint, authName: uses.authName, password: uses.secret.reveal(), address, callId },
        ...{ port: portOf(number, start), viaAddress: `10.0.0.${(number % 250) + 1}`, viaPort: portOf(number, start) },
        ...{ userAgent: 'Phone 1.0', expires: 3600 },
      });
      if (status === 401) await noteRefused(core, { endpoint: user.endpoint, address, callId });
      else await noteRegistrations(core, user.endpoint);
      return status;
    },
  };
  return its;
}

/** Each start has a port of its own. */
function portOf(number: number, start: string): number {
  return 1024 + ((number * 31 + [...start].reduce((sum, letter) => sum * 7 + letter.charCodeAt(0), 0)) % 60_000);
}
