import { expect } from 'chai';
import { join } from 'node:path';
import { addAdministrator } from '../../../src/administration/administrators.ts';
import { addTenant } from '../../../src/administration/tenants.ts';
import { carryOut } from '../../../src/api/carryOut.ts';
import type { Facts } from '../../../src/api/operation.ts';
import { OPERATIONS } from '../../../src/api/operations.ts';
import { visitorOf, type Role } from '../../../src/domain/access.ts';
import { isRefusal } from '../../../src/domain/errors.ts';
import { familyFolder } from '../../../src/staticFiles/familyFolder.ts';
import { answerNeeds } from '../../support/answerNeeds.ts';
import { SOMEWHERE } from '../../support/api.ts';
import { openTestCore, type TestCore } from '../../support/core.ts';

/** Written by hand, and from nothing in src: what stands in no other place than this is not meant. */
const LOOKS = `
  listUsers getUser getUserSettings exportUsers listDevices getDevice getDeviceSettings exportDevices getDeviceFile getDeviceFileChanges layOutKeys renderFile previewSync
  listHandOvers listSyncs getSync listSyncDevices listRotations listProfiles getProfile listLineTemplates getLineTemplate
  listDeviceTemplates getDeviceTemplate listCodes getDhcpSnippet getTenant listClashes listEvents listVersions
  previewActOnDevices getPolicy exportEvents exportEventsAsJson`;
const HELPS =
  'newPin unlockUser printLetter assignDevice releaseDevice syncDevice rebootDevice unlockDevice actOnDevices';
const CHANGES = `
  addUser changeUser removeUser importUsers previewChangeUser
  changeDevice removeDevice moveDevice blockDevice unblockDevice importDevices previewChangeDevice
  startSync pauseSync resumeSync cancelSync startRotation previewRotation endRotation
  addProfile changeProfile removeProfile previewChangeProfile
  addLineTemplate changeLineTemplate removeLineTemplate previewChangeLineTemplate
  addDeviceTemplate changeDeviceTemplate removeDeviceTemplate previewChangeDeviceTemplate
  addDevice newDeviceUrl getDeviceFileWithSecrets
  addCode removeCode printCode changeTenant previewChangeTenant setFirmware
  listWebhooks addWebhook removeWebhook resumeWebhook listDeadLetters`;
const LOOKS_ANYWHERE =
  'whoAmI changePassword listTenants listFamilies identifyPhone listLanguages getHealth listFamilyFiles';
const DECIDES = `
  listTokens addToken removeToken
  listAdministrators getAdministrator addAdministrator changeAdministrator removeAdministrator inviteAdministrator`;
const LOOKS_ABOVE = 'listRedirects getSystem';
const CHANGES_ABOVE = `
  addTenant removeTenant addRedirect removeRedirect changeSystem putFamilyFile removeFamilyFile
  listAllWebhooks addAllWebhook removeAllWebhook resumeAllWebhook listAllDeadLetters`;

/** What each may do in a tenant of one’s own; what has no tenant; and, for those of all tenants, what is above them. */
const MAY: Readonly<Record<Role, Readonly<Record<'inTenant' | 'anywhere' | 'above', string>>>> = {
  viewer: { inTenant: LOOKS, anywhere: LOOKS_ANYWHERE, above: LOOKS_ABOVE },
  helpdesk: { inTenant: `${LOOKS} ${HELPS}`, anywhere: LOOKS_ANYWHERE, above: LOOKS_ABOVE },
  administrator: {
    inTenant: `${LOOKS} ${HELPS} ${CHANGES}`,
    anywhere: `${LOOKS_ANYWHERE} ${DECIDES}`,
    above: `${LOOKS_ABOVE} ${CHANGES_ABOVE}`,
  },
};
const wordsOf = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');

describe('Who may do what', () => {
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
    await addTenant(core, { id: 'acme' });
    // The last one who decides is somebody else than who is tried.
    await addAdministrator(core, { name: 'root', role: 'administrator', tenantId: null });
  });
  afterEach(() => core.close());

  /** Names of the operations that somebody is let in to, in this tenant, whatever comes of it. */
  async function letIn(role: Role, only: string | null, tenant: string): Promise<readonly string[]> {
    const visitor = visitorOf({ name: 'ann', role, tenantId: only, passwordHash: null, createdAt: 0 }, '192.0.2.1');
    const { families, server } = answerNeeds(core);
    const facts: Facts = {
      familyFolder: familyFolder(join(core.directory, 'files')),
      ...{ families, server: () => server, openUrl: () => server.openUrl, sounds: () => null, linkOf: () => '' },
      ...{ checkContext: () => Promise.resolve(), clashes: () => Promise.resolve([]) },
      ...{ health: () => Promise.resolve({}), checkNumbers: () => Promise.resolve(new Map<string, never>()) },
    };
    const all = { ...SOMEWHERE, tenant };
    const found: string[] = [];
    for (const operation of OPERATIONS) {
      const at = Object.fromEntries(Object.entries(all).filter(([name]) => operation.path.includes(`{${name}}`)));
      const asked = carryOut({ core, facts, visitor }, operation, { at, query: {}, body: {} });
      const isForbidden = await asked.then(
        () => false,
        (error: unknown) => isRefusal(error, 'unauthorized') && error.reason === 'forbidden',
      );
      if (!isForbidden) found.push(operation.id);
    }
    return found;
  }

  for (const [role, { inTenant, anywhere, above }] of Object.entries(MAY) as [Role, (typeof MAY)[Role]][]) {
    it(`is so for a ${role} of all tenants, and for one of a single tenant, operation by operation`, async () => {
      const everywhere = [...wordsOf(inTenant), ...wordsOf(anywhere), ...wordsOf(above)];
      for (const tenant of ['default', 'acme'])
        expect(await letIn(role, null, tenant), `all, in ${tenant}`).to.have.members(everywhere);
      const own = [...wordsOf(inTenant), ...wordsOf(anywhere)];
      expect(await letIn(role, 'acme', 'acme'), 'acme, in acme').to.have.members(own);
      expect(await letIn(role, 'acme', 'default'), 'acme, in default').to.have.members(wordsOf(anywhere));
    });
  }

  it('is said of each operation here', () => {
    const { inTenant, anywhere, above } = MAY.administrator;
    const named = [inTenant, anywhere, above].flatMap(wordsOf);
    expect(named).to.have.members(OPERATIONS.map(({ id }) => id));
  });
});
