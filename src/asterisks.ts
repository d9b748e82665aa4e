import { connectAmi, type Ami } from './asterisk/ami/ami.ts';
import { connectAri, type Ari } from './asterisk/ari/ari.ts';
import { registrar } from './asterisk/registrar/registrar.ts';
import { severalRegistrars } from './asterisk/registrar/several.ts';
import type { AsteriskPlace, Config } from './config.ts';
import { atAsterisk, placeOf, type AsteriskName } from './domain/addresses.ts';
import { SelfprovError } from './domain/errors.ts';
import type { Registrar } from './domain/ports.ts';
import type { Health } from './http/admin.ts';
import type { Log } from './log.ts';
import type { Refused } from './provisioning/handOver/formers.ts';

/** One Asterisk that this process works with. */
export interface Asterisk {
  readonly name: AsteriskName;
  readonly ami: Ami;
  readonly ari: Ari;
}

/** All of them. */
export interface Asterisks {
  readonly all: readonly Asterisk[];
  readonly registrar: Registrar;
  /** Of each link; one Asterisk of several may be down. */
  health(): Readonly<Record<string, Health>>;
  close(): Promise<void>;
}

/** What is told of them. */
export interface AsteriskListener {
  /** A phone has proven to be this endpoint, from this place (`whereOf`). */
  heard(endpoint: string, place: string): void;
  /** Asterisk has refused somebody who said to be this endpoint. */
  refused(refused: Refused): void;
  /** From now on all is heard at this one. */
  up(asterisk: AsteriskName): void;
  down(asterisk: AsteriskName): void;
}

/** Throws `invalid` where nobody has said how Asterisk lets us in. */
export function refuseWithoutPasswords({ ari, ami }: Pick<Config, 'ari' | 'ami'>): void {
  passwordOf(ari.password, 'SELFPROV_ARI_PASSWORD');
  passwordOf(ami.password, 'SELFPROV_AMI_PASSWORD');
}

/** Connects to each, and goes on connecting until `close` or until `signal` fires; from `ending` on nobody is warned. */
export function connectAsterisks(
  config: Config,
  log: Log,
  { signal, ending }: { readonly signal: AbortSignal; readonly ending: AbortSignal },
  { heard, refused, up, down }: AsteriskListener,
): Asterisks {
  const passwords = {
    ari: passwordOf(config.ari.password, 'SELFPROV_ARI_PASSWORD'),
    ami: passwordOf(config.ami.password, 'SELFPROV_AMI_PASSWORD'),
  };
  const all = config.asterisks.map(({ name, ariUrl, amiHost, amiPort }: AsteriskPlace): Asterisk => {
    const linkOf = (what: string): string => (name === null ? what : `${what} of ${name}`);
    const ami = connectAmi({
      ...{ ...config.ami, name: linkOf('AMI'), host: amiHost, port: amiPort, password: passwords.ami },
      ...{ log, signal, ending },
      onAuthenticated: ({ endpoint, address, port }) => heard(endpoint, atAsterisk(name, placeOf(address, port))),
      onRefused: refused,
      onUp: () => up(name),
      onDown: () => down(name),
    });
    const ari = connectAri({
      ...{ ...config.ari, name: linkOf('ARI'), url: ariUrl, password: passwords.ari, log, signal, ending },
    });
    return { name, ami, ari };
  });
  const isUp = ({ ami, ari }: Asterisk): boolean => [ami, ari].every((link) => link.state().state === 'up');
  const parts = all.flatMap((each) =>
    each.name === null ? [] : { name: each.name, registrar: registrar(each), isUp: () => isUp(each) },
  );
  const [only] = all;
  if (only === undefined) throw new Error('there is no Asterisk');
  return {
    all,
    registrar: parts.length === 0 ? registrar(only) : severalRegistrars(parts),
    health() {
      const links = all.flatMap(({ name, ami, ari }) =>
        Object.entries({ ari, ami }).map(
          ([kind, link]) => [name === null ? kind : `${kind} ${name}`, link.state()] as const,
        ),
      );
      const anyIsUp = all.some(isUp);
      return Object.fromEntries(
        links.map(([name, state]) => [name, { ...state, ok: all.length > 1 ? anyIsUp : state.state === 'up' }]),
      );
    },
    async close() {
      await Promise.all(all.flatMap(({ ami, ari }) => [ami.close(), ari.close()]));
    },
  };
}

function passwordOf(password: string | undefined, setting: string): string {
  if (password !== undefined) return password;
  throw new SelfprovError(
    'invalid',
    `${setting} is not set: "selfprov asterisk-files --apply" makes one and says where it is; where it has, say so with SELFPROV_CONFIG`,
  );
}
