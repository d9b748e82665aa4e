import * as fc from 'fast-check';
import { Secret } from '../../../src/domain/secret.ts';
import type { Family } from '../../../src/phones/family/family.ts';
import type { UserLine } from '../../../src/phones/view/facts.ts';
import type { Key } from '../../../src/domain/deviceSettings.ts';
import * as facts from '../phoneFacts.ts';
import type { Limits } from './limits.ts';

const KEY_KINDS = ['speed_dial', 'blf', 'park', 'transfer', 'voicemail'] as const;

/** Any text that the product takes for a name: 1 to 200 characters, no control characters, nothing to trim. */
const text = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
    fc.string({
      unit: fc.constantFrom(
        ...'"\'<>&%$;=#\\{}[]|:,@!?*/ aZ9',
        'é',
        '日',
        'ש',
        '\u202e',
        '😀',
        '\u2028',
        '&amp;',
        '${x}',
      ),
      minLength: 1,
      maxLength: 200,
    }),
    fc.constantFrom(
      '%NULL%',
      '{{name}}',
      '</settings>',
      ']]>',
      '<!-- x',
      '"quoted"',
      'a'.repeat(200),
      '😀'.repeat(200),
    ),
  )
  .map((found) => [...found.replace(/\p{Cc}/gu, '').trim()].slice(0, 200).join('').trim())
  .filter((found) => found !== '');

/** Secrets are 12 to 128 letters and digits. */
const password = fc.string({
  unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'),
  minLength: 12,
  maxLength: 128,
});

/** What one run puts in: everything that the product accepts. */
export interface Scene {
  readonly model: string | null;
  readonly lines: readonly UserLine[];
  readonly keys: readonly Key[];
  readonly proxy: { readonly host: string; readonly port: number } | null;
}

/** Whose each port of a device is, from the first: a user's or nobody's. */
export interface PortsScene {
  readonly model: string;
  readonly ports: readonly ('user' | 'nobody')[];
}

/** Any model of the family with several ports, each of them a user's or nobody's. */
export function portsOf(family: Family): fc.Arbitrary<PortsScene> | undefined {
  const models = family.models.names.filter((name) => family.models.get(name).ports > 1);
  if (models.length === 0) return undefined;
  return fc.constantFrom(...models).chain((model) => {
    const { ports } = family.models.get(model);
    const whose = fc.constantFrom('user' as const, 'nobody' as const);
    return fc.record({
      model: fc.constant(model),
      ports: fc.array(whose, { minLength: ports, maxLength: ports, size: 'max' }),
    });
  });
}

/** Any model of the family, one or two users, keys, with or without an outbound proxy. */
export function sceneOf(family: Family, limit: Limits): fc.Arbitrary<Scene> {
  const spelled = Object.keys(family.data.spelling.transport) as ('udp' | 'tcp' | 'tls')[];
  const transports = spelled.length === 0 ? (['udp', 'tcp', 'tls'] as const) : spelled;
  const transport = fc.constantFrom(...transports);
  const line = (slot: number): fc.Arbitrary<UserLine> =>
    fc
      .record({
        name: text,
        secret: password,
        transport,
        srtp: fc.boolean(),
        expiry: fc.constantFrom(60, 600, 3600),
        voicemail: fc.constantFrom(null, '*97', '1571'),
      })
      .map(({ name, secret, ...settings }) => ({
        line: {
          ...facts.userLine,
          slot,
          endpoint: `150${slot}`,
          authName: `150${slot}-001565aabbcc`,
          secret: new Secret(secret),
        },
        user: { ...facts.user, name, extension: `150${slot}` },
        tenant: facts.tenant,
        settings: { ...facts.lineSettings, ...settings },
      }));
  const key = fc.record({
    kind: fc.constantFrom(...KEY_KINDS),
    label: text,
    value: fc.constantFrom('1000', '*55', '700'),
  });
  return fc
    .record({
      model: fc.constantFrom(
        null,
        ...family.data.models.table.filter(({ match }) => match === undefined).map(({ name }) => name),
      ),
      first: line(1),
      second: fc.option(line(2)),
      shared: transport,
      // Now and then more than most phones have.
      keys: fc.oneof(
        { arbitrary: fc.array(key, { maxLength: 4 }), weight: 9 },
        fc.array(key, { minLength: 20, maxLength: 60 }),
      ),
      proxy: fc.option(
        fc.record({ host: fc.constantFrom('proxy.example', '192.0.2.20'), port: fc.constantFrom(5060, 5065) }),
      ),
    })
    .map(({ model, first, second, shared, keys, proxy }) => ({
      model,
      proxy,
      lines: (second === null ? [first] : [first, second]).map((entry) =>
        limit.oneTransport ? { ...entry, settings: { ...entry.settings, transport: shared } } : entry,
      ),
      keys: keys.map((found) => ({ ...found, value: found.kind === 'transfer' ? null : found.value, line: 1 })),
    }));
}
