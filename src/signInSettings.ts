import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { ROLES, type Role } from './domain/access.ts';
import { SelfprovError } from './domain/errors.ts';
import { Secret } from './domain/secret.ts';
import { missingHalf, oneTooMany, withoutOther, words, type Given } from './settingsTogether.ts';

/** One, or many, but not all: then everybody who reaches us would be among them. */
const address = z
  .union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], 'an address, or a network like 10.1.0.0/24')
  .refine((text) => !text.endsWith('/0'), 'an address, or a network that is not everything');
/** What somebody is said to be elsewhere → what one may do here. */
const roles = words
  .transform((all) => all.map((each) => /^(.+)=(\w+)$/.exec(each)?.slice(1) ?? ['', '']))
  .refine(
    (all) => all.length > 0 && all.every(([, role = '']) => role in ROLES),
    `like it-team=administrator,support=helpdesk (${Object.keys(ROLES).join(', ')})`,
  )
  .transform((all) => new Map(all.map(([from = '', role]) => [from, role as Role])));

/** Who lets administrators in besides selfprov's own passwords. */
export const SIGN_IN = {
  SELFPROV_USER_HEADER: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,60}$/, 'the name of a header, like Remote-User')
    .optional(),
  SELFPROV_USER_HEADER_FROM: words.pipe(z.array(address).min(1)).optional(),
  SELFPROV_OIDC_ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  SELFPROV_OIDC_CLIENT_ID: z.string().optional(),
  SELFPROV_OIDC_CLIENT_SECRET: z
    .string()
    .transform((text) => new Secret(text))
    .optional(),
  SELFPROV_OIDC_CLIENT_SECRET_FILE: z.string().optional(),
  SELFPROV_OIDC_SCOPES: words.default(['profile', 'email']),
  SELFPROV_OIDC_NAME_CLAIM: z.string().default('preferred_username'),
  SELFPROV_OIDC_ROLE_CLAIM: z.string().optional(),
  SELFPROV_OIDC_ROLES: roles.optional(),
};
type SignInSettings = z.infer<z.ZodObject<typeof SIGN_IN>>;

/** What of these does not go together, each with what to do. */
export function signInMistakes(set: Given): string[] {
  return [
    ...missingHalf(set, 'SELFPROV_USER_HEADER', 'SELFPROV_USER_HEADER_FROM'),
    ...missingHalf(set, 'SELFPROV_OIDC_ISSUER', 'SELFPROV_OIDC_CLIENT_ID'),
    ...missingHalf(set, 'SELFPROV_OIDC_ROLE_CLAIM', 'SELFPROV_OIDC_ROLES'),
    ...oneTooMany(set, 'SELFPROV_OIDC_CLIENT_SECRET', 'SELFPROV_OIDC_CLIENT_SECRET_FILE', 'the secret is one'),
    ...Object.keys(SIGN_IN)
      .filter((name) => /^SELFPROV_OIDC_(?!ISSUER|CLIENT_ID)/.test(name))
      .flatMap((name) => withoutOther(set, name, 'SELFPROV_OIDC_ISSUER')),
    ...issuerMistakes(set),
  ];
}

/** Who has signed in goes by what the provider says: only on this machine it is asked without TLS. */
function issuerMistakes({ SELFPROV_OIDC_ISSUER: issuer, SELFPROV_ADMIN_URL: ours }: Given): string[] {
  if (issuer === undefined) return [];
  const isPlain = /^http:/i.test(issuer) && !/^http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)(?:[:/]|$)/i.test(issuer);
  return [
    ...(isPlain ? ['SELFPROV_OIDC_ISSUER: a URL with https, but on this machine'] : []),
    ...(ours === undefined
      ? ['SELFPROV_ADMIN_URL: needed beside SELFPROV_OIDC_ISSUER, which sends browsers there']
      : []),
  ];
}

/** Where administrators sign in by OpenID Connect; `undefined`: nowhere. */
export function openIdOf(env: SignInSettings) {
  const { SELFPROV_OIDC_ISSUER: issuer, SELFPROV_OIDC_CLIENT_ID: clientId } = env;
  if (issuer === undefined || clientId === undefined) return undefined;
  const { SELFPROV_OIDC_CLIENT_SECRET_FILE: file, SELFPROV_OIDC_ROLE_CLAIM: claim, SELFPROV_OIDC_ROLES: of } = env;
  return {
    ...{ issuer, clientId, scopes: env.SELFPROV_OIDC_SCOPES, nameClaim: env.SELFPROV_OIDC_NAME_CLAIM },
    /** `undefined`: a client that has none. */
    secret: env.SELFPROV_OIDC_CLIENT_SECRET ?? (file === undefined ? undefined : secretIn(resolve(file))),
    /** By which claim the provider says what somebody may do; `undefined`: selfprov says it. */
    roles: claim === undefined || of === undefined ? undefined : { claim, of },
  };
}

/** Read when it is needed: who asks for a setting may not be allowed to. */
function secretIn(file: string): Secret {
  return new Secret(() => {
    try {
      return readFileSync(file, 'utf8').trim();
    } catch (cause) {
      const { code = '' } = cause as NodeJS.ErrnoException;
      throw new SelfprovError('invalid', `SELFPROV_OIDC_CLIENT_SECRET_FILE: ${file} cannot be read: ${code}`, {
        cause,
      });
    }
  });
}

/** Whose word about who signs in is taken; `undefined`: nobody's. */
export function userHeaderOf({ SELFPROV_USER_HEADER: name, SELFPROV_USER_HEADER_FROM: from }: SignInSettings) {
  return name === undefined || from === undefined ? undefined : { name, from };
}
