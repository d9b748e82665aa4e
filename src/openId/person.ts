import { ROLES, type Role } from '../domain/access.ts';
import { SelfprovError } from '../domain/errors.ts';

/** What of the claims of a provider says who somebody is. */
export interface Wanted {
  readonly nameClaim: string;
  /** Which claim says what one may do, and what its values mean; `undefined`: selfprov says it. */
  readonly roles: { readonly claim: string; readonly of: ReadonlyMap<string, Role> } | undefined;
}

/** The most that one may. */
const BY_RIGHTS = (Object.keys(ROLES) as Role[]).toSorted((one, other) => ROLES[other].length - ROLES[one].length);

/** Rejects with `unauthorized` and the reason `forbidden` for who has no name, or may nothing. */
export function personIn(
  claims: Readonly<Record<string, unknown>>,
  { nameClaim, roles }: Wanted,
  provider: string,
): { readonly name: string; readonly role?: Role | undefined } {
  const refused = (why: string) => new SelfprovError('unauthorized', `${provider} ${why}`, { reason: 'forbidden' });
  const name = claims[nameClaim];
  if (typeof name !== 'string' || name.trim() === '')
    throw refused(`does not say who you are: there is no ${nameClaim} (SELFPROV_OIDC_NAME_CLAIM) in what it answers`);
  // Anybody could have entered it. Some providers say so by a text.
  if (nameClaim === 'email' && String(claims['email_verified']).toLowerCase() === 'false')
    throw refused(`has not looked whether ${name} is yours: have it verified there`);
  if (roles === undefined) return { name };
  const given = [claims[roles.claim]].flat().filter((value) => typeof value === 'string');
  const may = new Set(given.flatMap((value) => roles.of.get(value) ?? []));
  const role = BY_RIGHTS.find((each) => may.has(each));
  if (role === undefined)
    throw refused(
      `says nothing of ${name} that lets one in here: ask for one of ${[...roles.of.keys()].join(', ')} there`,
    );
  return { name, role };
}
