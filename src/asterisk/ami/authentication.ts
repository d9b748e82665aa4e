import type { Message } from 'asterisk-manager';

/** A phone has proven which endpoint it is. */
export interface Authentication {
  readonly endpoint: string;
  /** Call-ID of the REGISTER or INVITE that it proved this with. */
  readonly callId: string;
  /** Where that came from, without port or brackets. */
  readonly address: string;
}

/**
 * `undefined` for every event but Asterisk's SuccessfulAuth. It tells of contacts themselves (ContactStatus) only for AORs
 * that it knew when it started; accounts that came into the database later it takes without a word.
 */
export function readAuthentication(message: Message): Authentication | undefined {
  const { event, service, accountid: endpoint, sessionid, remoteaddress } = message;
  if (event !== 'SuccessfulAuth' || service !== 'PJSIP' || typeof endpoint !== 'string') return undefined;
  return { endpoint, callId: String(sessionid ?? ''), address: addressOf(String(remoteaddress ?? '')) };
}

/** Asterisk writes `IPV4/UDP/192.0.2.1/5060`. */
function addressOf(remote: string): string {
  return (remote.split('/')[2] ?? '').replace(/^\[|\]$/g, '');
}
