import { randomBytes } from 'node:crypto';
import { SECTION_NAME, slotNames } from '../../domain/adoption.ts';
import { checked, type Rule } from './checkedValues.ts';

/** An endpoint of the administrator's own, with the credentials that it has there, and how many phones of ours it is to take. */
export interface AdoptedEndpoint {
  readonly name: string;
  readonly auths: readonly string[];
  readonly slots: number;
  /** Of the credentials that selfprov makes. */
  readonly realm: string;
}

const name: Rule = { pattern: SECTION_NAME, words: 'up to 79 letters, digits and . @ + - _' };
const realm: Rule = { pattern: /^[^\p{Cc};[\]]{1,79}$/u, words: 'up to 79 characters without ; [ ]' };

const HEADER = `; Endpoints of your own files that selfprov sets up phones for. It belongs behind them: a section with a plus sign adds to the first
; one that is there, and "auth" takes the place of the one before, so yours comes first. One that adds to nothing would make
; Asterisk refuse pjsip.conf as a whole: where you take an endpoint away, it adds to one that means nothing. selfprov writes this
; file anew.
`;

/**
 * What adds slots to endpoints. What a slot has is in the database; without a row there, Asterisk finds what stands here, which
 * nobody knows the password of: an endpoint with a credential that is not there would refuse everybody.
 */
export function adoptedFile(endpoints: readonly AdoptedEndpoint[]): string {
  return [HEADER, ...endpoints.map(sectionsOf)].join('\n');
}

function sectionsOf(endpoint: AdoptedEndpoint): string {
  const own = checked('the name of an endpoint', endpoint.name, name);
  const slots = slotNames(own, endpoint.slots);
  const auths = [...endpoint.auths.map((auth) => checked('the name of an auth', auth, name)), ...slots];
  const its = checked('the realm of a tenant', endpoint.realm, realm);
  const empty = slots.map(
    (slot) =>
      `[${slot}]\ntype = auth\nauth_type = md5\nusername = ${slot}\nrealm = ${its}\nmd5_cred = ${randomBytes(16).toString('hex')}\n`,
  );
  // The plus sign looks for a type that has this text in it, the first from the top (config.c); PJSIP, for one that is it.
  const standIn = `[${own}]\ntype = selfprov-no-endpoint\n`;
  return [standIn, `[${own}](+type=endpoint)\nauth = ${auths.join(',')}\n`, ...empty].join('\n');
}
