import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import type { Secret } from '../../domain/secret.ts';
import { checked, word, type Rule } from './checkedValues.ts';
import { fillTemplate } from './fillTemplate.ts';

/** The Asterisks beside this one, and what this one is called. */
export interface Peers {
  readonly name: string;
  readonly others: readonly Peer[];
}

export interface Peer {
  readonly name: string;
  /** `host:port` where it takes SIP over UDP. */
  readonly address: string;
}

const address: Rule = { pattern: /^[\w.:[\]-]{1,255}$/, words: 'host:port' };

/**
 * What stands in pjsip.conf and extensions.conf so that a phone at one Asterisk can call one at another, and see its lamps.
 * Who they are to each other is proven by a password that follows from the one of AMI: it is the same at all of them.
 */
export function peerValues(
  templates: string,
  peers: Peers | null,
  amiPassword: Secret,
): Readonly<Record<'PEERS' | 'PEER_CALLS' | 'ELSEWHERE' | 'NOT_BACK', string>> {
  if (peers === null) return { PEERS: '', PEER_CALLS: '', ELSEWHERE: '', NOT_BACK: '' };
  const password = createHmac('sha256', amiPassword.reveal()).update('between Asterisks').digest('hex').slice(0, 40);
  const name = checked('the name of an Asterisk', peers.name, word);
  const sections = peers.others.map((peer) =>
    fillTemplate(join(templates, 'peer.conf'), {
      NAME: name,
      PEER: checked('the name of an Asterisk', peer.name, word),
      PEER_ADDRESS: checked('the address of an Asterisk', peer.address, address),
      PEER_PASSWORD: password,
    }),
  );
  return {
    PEERS: sections.join(''),
    PEER_CALLS: fillTemplate(join(templates, 'peer-calls.conf'), {}),
    ELSEWHERE: peers.others.map((peer) => `&PJSIP/\${aor}@selfprov-peer-${peer.name}`).join(''),
    // Who is called from there is not looked for there.
    NOT_BACK: ' same => n,ExecIf($["${from}" = "peer"]?Set(LOCAL(phones)=))\n',
  };
}
