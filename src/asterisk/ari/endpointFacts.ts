import type { EndpointFacts } from '../../domain/adoption.ts';
import type { Ari } from './ari.ts';

/** `undefined` when Asterisk has no endpoint of this name. */
export async function endpointFacts(ari: Pick<Ari, 'sipObject'>, name: string): Promise<EndpointFacts | undefined> {
  const endpoint = await ari.sipObject('endpoint', name);
  if (endpoint === undefined) return undefined;
  const aors = words(endpoint['aors']);
  const aor = aors[0] === undefined ? undefined : await ari.sipObject('aor', aors[0]);
  return {
    name,
    auths: words(endpoint['auth']),
    aors,
    identifyBy: words(endpoint['identify_by']),
    context: endpoint['context'] ?? '',
    callerName: /^\s*"?([^"<]*?)"?\s*(?:<|$)/.exec(endpoint['callerid'] ?? '')?.[1] ?? '',
    mostContacts: Number(aor?.['max_contacts'] ?? 0),
    foreignSlots: [],
  };
}

/** Names of its credentials; `undefined` when Asterisk has no endpoint of this name. */
export async function authsOf(ari: Pick<Ari, 'sipObject'>, name: string): Promise<readonly string[] | undefined> {
  const endpoint = await ari.sipObject('endpoint', name);
  return endpoint && words(endpoint['auth']);
}

/** What Asterisk checks a phone by (`Line.md5Credential`), under this name; `undefined` when it has no such credential. */
export async function credentialAt(ari: Pick<Ari, 'sipObject'>, authId: string): Promise<string | undefined> {
  return (await ari.sipObject('auth', authId))?.['md5_cred'];
}

function words(text = ''): readonly string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
