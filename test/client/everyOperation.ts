import createClient, { type Middleware } from 'openapi-fetch';
import type { paths } from './generated.d.ts';

/** Where it asks, and what is there: two phones of users, and the user of the first one. */
export interface Given {
  readonly url: string;
  readonly token: string;
  readonly phones: readonly [string, string];
  readonly extension: string;
}

/** What was answered, by the operation's place in the document. */
export type Heard = (method: string, path: string, response: Response) => Promise<void>;

type Api = ReturnType<typeof createClient<paths>>;

/** Asks every operation by the client that is made from the document. Rejects when one is refused. */
export async function askEveryOperation({ url, token, ...given }: Given, heard: Heard): Promise<void> {
  const api = createClient<paths>({ baseUrl: url, headers: { authorization: `Bearer ${token}` } });
  const listen: Middleware = {
    onResponse: ({ request, schemaPath, response }) => heard(request.method, schemaPath, response.clone()),
  };
  api.use(listen);
  for (const part of [users, phones, templates, rollOuts, aboveTenants, webhooks, access]) await part(api, given);
}

const TENANT = { tenant: 'default' } as const;
const inTenant = { params: { path: TENANT } };

async function done<Data>(
  asked: Promise<{ readonly data?: Data; readonly error?: unknown; readonly response: Response }>,
): Promise<NonNullable<Data>> {
  const { data, error, response } = await asked;
  if (!response.ok) throw new Error(`${response.url} was refused (${response.status}): ${JSON.stringify(error)}`);
  return data as NonNullable<Data>;
}

async function users(api: Api): Promise<void> {
  const made = await done(
    api.POST('/tenants/{tenant}/users', { ...inTenant, body: { extension: '1500', name: 'Ann Lee' } }),
  );
  const one = { params: { path: { ...TENANT, extension: made.extension } } };
  await done(api.GET('/tenants/{tenant}/users', { params: { path: TENANT, query: { search: 'Ann', limit: 5 } } }));
  await done(api.GET('/tenants/{tenant}/users/{extension}', one));
  const change = { name: 'Ann Ray', settings: { codecs: 'opus, alaw' } };
  await done(api.POST('/tenants/{tenant}/users/{extension}/preview', { ...one, body: change }));
  await done(api.PATCH('/tenants/{tenant}/users/{extension}', { ...one, body: change }));
  await done(api.GET('/tenants/{tenant}/users/{extension}/settings', one));
  await done(api.POST('/tenants/{tenant}/users/{extension}/pin', { ...one, body: {} }));
  await done(api.POST('/tenants/{tenant}/users/{extension}/unlock', one));
  await done(api.POST('/tenants/{tenant}/users/{extension}/letter', { ...one, body: { format: 'html' } }));
  await done(api.GET('/tenants/{tenant}/users.csv', { ...inTenant, parseAs: 'text' }));
  const csv = 'extension,name\n1501,Bob Ray\n';
  await done(api.POST('/tenants/{tenant}/users/import', { ...inTenant, body: { csv } }));
  const code = await done(api.POST('/tenants/{tenant}/codes', { ...inTenant, body: { extension: '1500' } }));
  await done(api.POST('/tenants/{tenant}/codes/letter', { ...inTenant, body: { extension: '1500', format: 'html' } }));
  await done(api.GET('/tenants/{tenant}/codes', inTenant));
  await done(api.DELETE('/tenants/{tenant}/codes/{id}', { params: { path: { ...TENANT, id: code.id } } }));
  await done(api.DELETE('/tenants/{tenant}/users/{extension}', one));
}

async function phones(api: Api, { phones: [mac] }: Pick<Given, 'phones'>): Promise<void> {
  const its = { params: { path: { ...TENANT, mac } } };
  const many = { action: 'block' as const, macs: ['00:15:65:0a:00:08'] };
  await done(api.POST('/tenants/{tenant}/device-actions/preview', { ...inTenant, body: many }));
  await done(api.POST('/tenants/{tenant}/device-actions', { ...inTenant, body: many }));
  await done(api.GET('/tenants/{tenant}/devices', { params: { path: TENANT, query: { state: 'assigned' } } }));
  await done(api.GET('/tenants/{tenant}/devices/{mac}', its));
  await done(api.GET('/tenants/{tenant}/devices/{mac}/settings', its));
  await done(api.GET('/tenants/{tenant}/devices/{mac}/file', its));
  await done(api.GET('/tenants/{tenant}/devices/{mac}/file/secrets', its));
  await done(api.GET('/tenants/{tenant}/devices/{mac}/file/changes', its));
  await done(api.POST('/tenants/{tenant}/key-layout', { ...inTenant, body: { keys: 'line', family: 'yealink' } }));
  await done(api.POST('/tenants/{tenant}/devices/{mac}/preview', { ...its, body: { note: 'hall' } }));
  await done(api.PATCH('/tenants/{tenant}/devices/{mac}', { ...its, body: { note: 'hall' } }));
  await done(api.POST('/tenants/{tenant}/devices/{mac}/sync', its));
  await done(api.POST('/tenants/{tenant}/devices/{mac}/reboot', its));
  await done(api.GET('/tenants/{tenant}/devices.csv', { ...inTenant, parseAs: 'text' }));
  const csv = 'mac,family,model\n00:15:65:0a:00:09,yealink,T46S\n';
  await done(api.POST('/tenants/{tenant}/devices/import', { ...inTenant, body: { csv } }));
  await done(api.POST('/tenants/{tenant}/render', { ...inTenant, body: { family: 'yealink', model: 'T46S' } }));
  await done(api.GET('/tenants/{tenant}/hand-overs', inTenant));
  await done(api.GET('/tenants/{tenant}/dhcp/{server}', { params: { path: { ...TENANT, server: 'dnsmasq' } } }));
  const added = await done(
    api.POST('/tenants/{tenant}/devices', { ...inTenant, body: { family: 'yealink', mac: '00:15:65:0a:00:01' } }),
  );
  const one = { params: { path: { ...TENANT, mac: added.mac } } };
  await done(api.POST('/tenants/{tenant}/devices/{mac}/url', one));
  await done(api.POST('/tenants/{tenant}/users', { ...inTenant, body: { extension: '1502', name: 'Cy' } }));
  await done(api.POST('/tenants/{tenant}/devices/{mac}/assign', { ...one, body: { extension: '1502' } }));
  await done(api.POST('/tenants/{tenant}/devices/{mac}/release', { ...one, body: {} }));
  await done(api.POST('/tenants/{tenant}/devices/{mac}/unlock', one));
  await done(api.POST('/tenants/{tenant}/devices/{mac}/block', one));
  await done(api.POST('/tenants/{tenant}/devices/{mac}/unblock', one));
  await done(api.POST('/tenants', { body: { id: 'elsewhere' } }));
  const moved = '00:15:65:0a:00:09';
  const other = { params: { path: { ...TENANT, mac: moved } } };
  await done(api.POST('/tenants/{tenant}/devices/{mac}/move', { ...other, body: { to: 'elsewhere' } }));
  await done(api.DELETE('/tenants/{tenant}/devices/{mac}', one));
  await done(api.GET('/tenants/{tenant}/events', { params: { path: TENANT, query: { limit: 5 } } }));
  const text = { ...inTenant, parseAs: 'text' } as const;
  await done(api.GET('/tenants/{tenant}/events.csv', text));
  await done(api.GET('/tenants/{tenant}/events.jsonl', text));
  const gone = new AbortController();
  const stream = await api.GET('/tenants/{tenant}/events/stream', {
    ...{ params: { path: TENANT }, parseAs: 'stream', signal: gone.signal },
  });
  gone.abort();
  if (!stream.response.ok) throw new Error(`the stream was refused: ${stream.response.status}`);
}

async function templates(api: Api): Promise<void> {
  const one = { params: { path: { ...TENANT, name: 'hall' } } };
  await done(
    api.POST('/tenants/{tenant}/line-templates', { ...inTenant, body: { name: 'hall', settings: { codecs: 'alaw' } } }),
  );
  await done(api.GET('/tenants/{tenant}/line-templates', inTenant));
  await done(api.GET('/tenants/{tenant}/line-templates/{name}', one));
  const codecs = { settings: { codecs: 'ulaw' } };
  await done(api.POST('/tenants/{tenant}/line-templates/{name}/preview', { ...one, body: codecs }));
  await done(api.PATCH('/tenants/{tenant}/line-templates/{name}', { ...one, body: codecs }));
  await done(api.POST('/tenants/{tenant}/device-templates', { ...inTenant, body: { name: 'hall' } }));
  await done(api.GET('/tenants/{tenant}/device-templates', inTenant));
  await done(api.GET('/tenants/{tenant}/device-templates/{name}', one));
  const language = { settings: { language: 'de' } };
  await done(api.POST('/tenants/{tenant}/device-templates/{name}/preview', { ...one, body: language }));
  await done(api.PATCH('/tenants/{tenant}/device-templates/{name}', { ...one, body: language }));
  await done(api.POST('/tenants/{tenant}/profiles', { ...inTenant, body: { name: 'hall', lineTemplate: 'hall' } }));
  await done(api.GET('/tenants/{tenant}/profiles', inTenant));
  await done(api.GET('/tenants/{tenant}/profiles/{name}', one));
  await done(api.POST('/tenants/{tenant}/profiles/{name}/preview', { ...one, body: { deviceTemplate: 'hall' } }));
  await done(api.PATCH('/tenants/{tenant}/profiles/{name}', { ...one, body: { deviceTemplate: 'hall' } }));
  await done(api.DELETE('/tenants/{tenant}/profiles/{name}', one));
  await done(api.DELETE('/tenants/{tenant}/line-templates/{name}', one));
  await done(api.DELETE('/tenants/{tenant}/device-templates/{name}', one));
}

async function rollOuts(api: Api, { phones: [, mac], extension }: Omit<Given, 'url' | 'token'>): Promise<void> {
  await done(api.POST('/tenants/{tenant}/syncs/preview', { ...inTenant, body: { family: 'yealink' } }));
  const { id } = await done(api.POST('/tenants/{tenant}/syncs', { ...inTenant, body: { all: true, perMinute: 1 } }));
  const one = { params: { path: { ...TENANT, id } } };
  await done(api.GET('/tenants/{tenant}/syncs', inTenant));
  await done(api.GET('/tenants/{tenant}/syncs/{id}', one));
  await done(api.GET('/tenants/{tenant}/syncs/{id}/devices', one));
  await done(api.POST('/tenants/{tenant}/syncs/{id}/pause', one));
  await done(api.POST('/tenants/{tenant}/syncs/{id}/resume', one));
  await done(api.POST('/tenants/{tenant}/syncs/{id}/cancel', one));
  await done(api.POST('/tenants/{tenant}/rotations/preview', { ...inTenant, body: { extension } }));
  await done(api.POST('/tenants/{tenant}/rotations', { ...inTenant, body: { mac } }));
  await done(api.GET('/tenants/{tenant}/rotations', inTenant));
  await done(api.POST('/tenants/{tenant}/rotations/end', { ...inTenant, body: { all: true } }));
}

async function aboveTenants(api: Api): Promise<void> {
  await done(api.POST('/tenants', { body: { id: 'acme', name: 'Acme' } }));
  const acme = { params: { path: { tenant: 'acme' } } };
  await done(api.GET('/tenants'));
  await done(api.GET('/tenants/{tenant}', acme));
  await done(api.GET('/tenants/{tenant}/clashes', acme));
  await done(api.GET('/tenants/{tenant}/policy', acme));
  await done(api.POST('/tenants/{tenant}/preview', { ...acme, body: { settings: { codecs: 'alaw' } } }));
  await done(api.PATCH('/tenants/{tenant}', { ...acme, body: { settings: { codecs: 'alaw' } } }));
  await done(api.DELETE('/tenants/{tenant}', acme));
  await done(api.GET('/families'));
  await done(api.GET('/languages'));
  const rom = { params: { path: { family: 'yealink', name: 'T46S.rom' } } };
  const sent = { headers: { 'Content-Type': 'application/octet-stream' }, bodySerializer: (body: string) => body };
  await done(api.PUT('/families/{family}/files/{name}', { ...rom, ...sent, body: 'firmware' }));
  await done(api.GET('/families/{family}/files', { params: { path: { family: 'yealink' } } }));
  await done(api.PUT('/tenants/{tenant}/firmware', { ...inTenant, body: { model: 'T46S', file: 'T46S.rom' } }));
  await done(api.GET('/tenants/{tenant}/versions', inTenant));
  await done(api.DELETE('/families/{family}/files/{name}', rom));
  await done(api.POST('/identify', { body: { userAgent: 'Yealink SIP-T46S 66.85.0.5 00:15:65:aa:bb:cc' } }));
  const rule = await done(api.POST('/redirects', { body: { family: 'yealink', url: 'https://other.example/' } }));
  await done(api.GET('/redirects'));
  await done(api.DELETE('/redirects/{id}', { params: { path: { id: rule.id } } }));
  await done(api.GET('/system'));
  await done(api.PATCH('/system', { body: { settings: {} } }));
  await done(api.GET('/health'));
}

async function webhooks(api: Api): Promise<void> {
  const body = { url: 'https://example.com/hook' };
  const ours = await done(api.POST('/tenants/{tenant}/webhooks', { ...inTenant, body }));
  const one = { params: { path: { ...TENANT, webhook: ours.id } } };
  await done(api.GET('/tenants/{tenant}/webhooks', inTenant));
  await done(api.POST('/tenants/{tenant}/webhooks/{webhook}/resume', one));
  await done(api.GET('/tenants/{tenant}/webhooks/{webhook}/dead-letters', one));
  await done(api.DELETE('/tenants/{tenant}/webhooks/{webhook}', one));
  const all = await done(api.POST('/webhooks', { body: { ...body, steps: ['done', 'failed'] } }));
  const other = { params: { path: { webhook: all.id } } };
  await done(api.GET('/webhooks'));
  await done(api.POST('/webhooks/{webhook}/resume', other));
  await done(api.GET('/webhooks/{webhook}/dead-letters', other));
  await done(api.DELETE('/webhooks/{webhook}', other));
}

async function access(api: Api): Promise<void> {
  await done(api.GET('/me'));
  // Who shows a token has no password.
  const passwords = { password: 'correct horse battery', newPassword: 'battery horse correct' };
  const { response } = await api.PUT('/me/password', { body: passwords });
  if (response.status !== 409) throw new Error(`a token has changed a password: ${response.status}`);
  await done(api.POST('/tokens', { body: { name: 'other', scopes: ['read'] } }));
  await done(api.GET('/tokens'));
  await done(api.DELETE('/tokens/{name}', { params: { path: { name: 'other' } } }));
  await done(api.POST('/administrators', { body: { name: 'ann', role: 'viewer' } }));
  const ann = { params: { path: { name: 'ann' } } };
  await done(api.GET('/administrators'));
  await done(api.GET('/administrators/{name}', ann));
  await done(api.PATCH('/administrators/{name}', { ...ann, body: { role: 'helpdesk' } }));
  await done(api.POST('/administrators/{name}/invite', ann));
  await done(api.DELETE('/administrators/{name}', ann));
}
