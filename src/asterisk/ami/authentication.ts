import type { Message } from 'asterisk-manager';

/** A phone has proven which endpoint it is, or was refused. */
export interface Authentication {
  readonly isProven: boolean;
  readonly endpoint: string;
  /** Call-ID of the REGISTER or INVITE that it proved this with. */
  readonly callId: string;
  /** Where that came from, without port or brackets. */
  readonly address: string;
  readonly port: number;
}

/**
 * `undefined` for every event but Asterisk's SuccessfulAuth and ChallengeResponseFailed. It tells of contacts themselves (ContactStatus) only for AORs
 * that it knew when it started; accounts that came into the database later it takes without a word.
 */
export function readAuthentication(message: Message): Authentication | undefined {
  const { event, service, accountid: endpoint, sessionid, remoteaddress } = message;
  // Where from: `IPV4/UDP/192.0.2.1/5060`.
  const isProven = event === 'SuccessfulAuth';
  if (!(isProven || event === 'ChallengeResponseFailed') || service !== 'PJSIP' || typeof endpoint !== 'string')
    return undefined;
  const [, , address = '', port] = String(remoteaddress ?? '').split('/');
  return {
    isProven,
    endpoint,
    callId: String(sessionid ?? ''),
    address: address.replace(/^\[|\]$/g, ''),
    port: Number(port),
  };
}
