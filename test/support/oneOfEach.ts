import { addCode } from '../../src/administration/codes.ts';
import { changeDevice } from '../../src/administration/devices.ts';
import { addProfile } from '../../src/administration/profiles.ts';
import { addRedirect } from '../../src/administration/redirects.ts';
import { changeSite } from '../../src/administration/site.ts';
import { startSync, USUAL_PACE } from '../../src/administration/syncs.ts';
import { addTemplate, DEVICE_TEMPLATES, LINE_TEMPLATES } from '../../src/administration/templates.ts';
import { addTenant } from '../../src/administration/tenants.ts';
import { addAdministrator, invite } from '../../src/administration/administrators.ts';
import { addApiToken } from '../../src/administration/apiTokens.ts';
import { choosePassword } from '../../src/administration/signIn.ts';
import { addWebhook } from '../../src/administration/webhooks.ts';
import { addUser } from '../../src/administration/users.ts';
import { Secret } from '../../src/domain/secret.ts';
import { selfProvision } from '../../src/ivr/selfProvision.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { checkUser } from '../../src/provisioning/secrets/checkSecret.ts';
import { past } from './connectTo.ts';
import type { TestCore } from './core.ts';
import { manyDevices } from './manyDevices.ts';
import { scriptedCall } from './scriptedCall.ts';
import { assign, enrol } from './steps.ts';

export const PIN = '840271';
export const PHONES = {
  /** Of a user, told and not back yet. */
  underWay: '001565aabb01',
  /** Of nobody, known at two addresses. */
  nobodys: '001565aabb02',
  /** Was a user's, and is on its way to be nobody's. */
  released: '001565aabb03',
  /** Shared, and borrowed by a user. */
  borrowed: '001565aabb04',
  /** Of a user of another tenant. */
  elsewhere: '001565aabb05',
} as const;

/** Makes what there can be in a database, by the verbs that make it: rows in every table. */
export async function oneOfEach(core: TestCore): Promise<void> {
  const tenantId = 'default';
  await addTenant(core, { id: 'acme', urls: ['http://acme.example/'] });
  const { user: ann } = await addUser(core, { tenantId, extension: '1500', name: 'Ann Ŀee "ä" \\ 😀', pin: PIN });
  const { user: bo } = await addUser(core, { tenantId: 'acme', extension: '1500', name: 'Bo', pin: PIN });
  const { user: eve } = await addUser(core, { tenantId, extension: '1501', name: 'Eve', pin: PIN, loginId: '4711' });

  for (const [at, mac] of Object.values(PHONES).entries()) await enrol(core, mac, `10.0.0.${at + 1}`);
  await enrol(core, PHONES.nobodys, '10.0.9.9');
  await assign(core, PHONES.underWay, ann.id, '10.0.0.1');
  await assign(core, PHONES.released, ann.id, '10.0.0.3');
  await releaseDevice(core, { mac: PHONES.released, actor: 'test' });
  await assign(core, PHONES.elsewhere, bo.id, '10.0.0.5');
  await changeDevice(core, PHONES.borrowed, { texts: { userType: 'hot_desk' }, note: 'in the hall', serial: 'S1' });
  const [line] = await core.store.lines(PHONES.borrowed);
  const at = { address: '10.0.0.4', contact: 'sip:x@10.0.0.4:5060' };
  const { endpoint = '', authName = '' } = line ?? {};
  await selfProvision(core, scriptedCall({ endpoint, authName, ...at, keys: `1501#${PIN}#1` }));

  const asker = { device: { tenantId, mac: PHONES.nobodys, family: 'yealink' }, line: 'phone-x' };
  await checkUser(core, asker, { user: eve, number: '1501', secret: new Secret('111222') });
  await addCode(core, ['yealink'], { tenantId, extension: '1500', lasts: 600_000, family: 'yealink' });
  await addRedirect(core, ['yealink'], { family: 'yealink', url: 'http://elsewhere.example/' });
  await addTemplate(core, DEVICE_TEMPLATES, { tenantId, name: 'Hall', texts: { language: 'fr' } });
  await addTemplate(core, LINE_TEMPLATES, { tenantId, name: 'Hall', texts: { context: 'hall' } });
  await addProfile(core, ['yealink'], tenantId, { name: 'Hall', phoneLimit: 3 });
  await changeSite(core, { ivr: 'off' });
  await manyDevices(core, 3, { register: false });
  await core.store.claim('device', [PHONES.underWay], 60_000);
  // Only PostgreSQL ever has such a row by itself.
  const stale = { asterisk: 'pbx-1', kind: 'auth', name: 'gone', since: 1, next_attempt_at: 2 };
  await past(core.place.database, (database) => database('stale_accounts').insert(stale));
  await startSync(core, tenantId, { all: true }, USUAL_PACE);
  const given = { mac: PHONES.underWay, name: '{mac}.cfg', family: 'yealink', digest: 'hash', packed: 'S0wEAA==' };
  await core.store.putGivenFiles([{ ...given, at: core.now() }]);
  await whoMay(core);
}

/** Administrators, programs, and who is told of what happens. */
async function whoMay(core: TestCore): Promise<void> {
  await addAdministrator(core, { name: 'ann', role: 'administrator', tenantId: null });
  const { token } = await invite(core, null, 'ann');
  await choosePassword(core, { token, password: new Secret('correct horse battery'), address: '192.0.2.1' });
  await addAdministrator(core, { name: 'joe', role: 'helpdesk', tenantId: 'acme' });
  await invite(core, 'acme', 'joe');
  await addApiToken(core, { name: 'ansible', scopes: ['read', 'write'], tenantId: 'acme', lasts: null });
  const answer = { request: 'hash', status: 201, answer: new Secret('{"pin":"123456"}'), at: core.now() };
  await core.store.addKeptAnswer({ actor: 'api:ansible', key: 'k1', ...answer });
  const asked = { tenantId: 'default', url: 'https://example.com/hook', steps: ['done'], isConfined: true };
  const { id: webhookId } = await addWebhook(core, asked);
  const [event] = await core.store.events({ limit: 1 });
  if (event !== undefined) await core.store.addDeadLetter({ webhookId, event, why: 'answered 400', at: core.now() });
}
