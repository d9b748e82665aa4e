import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import type { Device, Line } from '../../src/domain/device.ts';
import { orNotFound } from '../../src/domain/orNotFound.ts';
import { valuesOf } from '../../src/domain/settings.ts';
import { settingsFor } from '../../src/provisioning/files/settingsFor.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { assign, enrol } from '../support/steps.ts';

const MAC = '001565aabb01';

describe('What a device gets', () => {
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
  });
  afterEach(() => core.close());

  const device = async (): Promise<Device> => orNotFound(await core.store.device(MAC), 'device');

  it('is the tenant’s when nobody has it, and the same for everybody when it is nobody’s own', async () => {
    const line = await enrol(core, MAC);
    const own = await settingsFor(core.store, await device(), [line]);
    expect(own.defaultLines.map((each) => each.line.id)).to.deep.equal([line.id]);
    expect(own.device.timeZone).to.deep.equal({ value: 'Europe/Berlin', from: 'tenant default' });
    expect((await settingsFor(core.store, { tenantId: 'default', family: 'yealink' }, [])).defaultLines).to.deep.equal(
      [],
    );
  });

  it('is what the nearest says: the device, its user, the template of the profile, the tenant', async () => {
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann Lee' });
    await enrol(core, MAC);
    const lines = [await assign(core, MAC, user.id)];
    const language = async () => (await settingsFor(core.store, await device(), lines)).device.language;
    expect(await language()).to.deep.equal({ value: 'en', from: 'tenant default' });
    await core.store.updateDeviceTemplate('default', { says: { language: 'fr' } });
    expect(await language()).to.deep.equal({ value: 'fr', from: 'template Default' });
    await core.store.updateUser(user.id, { deviceSays: { language: 'it' } });
    expect(await language()).to.deep.equal({ value: 'it', from: 'user 1500' });
    await core.store.updateDevice(MAC, { says: { language: 'de' } });
    expect(await language()).to.deep.equal({ value: 'de', from: `device ${MAC}` });
  });

  it('is TLS for a line whose media is encrypted, whatever is said of its transport, for SIP carries the keys', async () => {
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann Lee' });
    const fresh = await enrol(core, MAC);
    const settings = async (line: Line) => {
      const { defaultLines, userLines } = await settingsFor(core.store, await device(), [line]);
      const [first] = [...defaultLines, ...userLines];
      return orNotFound(first, 'line').settings.transport;
    };
    await core.store.updateTenant('default', { defaultLineTemplateId: 'default', lineSays: { transport: 'tcp' } });
    await core.store.updateLineTemplate('default', { says: { srtp: true } });
    expect(await settings(fresh)).to.deep.equal({ value: 'tls', from: 'srtp of template Default' });
    const line = await assign(core, MAC, user.id);
    expect(await settings(line)).to.deep.equal({ value: 'tls', from: 'srtp of template Default' });
    await core.store.updateUser(user.id, { lineSays: { srtp: false } });
    expect(await settings(line)).to.deep.equal({ value: 'tcp', from: 'tenant default' });
  });

  it('is, of a line, what its user says, the template of the profile, the tenant', async () => {
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann Lee' });
    await enrol(core, MAC);
    const lines = [await assign(core, MAC, user.id)];
    const line = async () => {
      const [first] = (await settingsFor(core.store, await device(), lines)).userLines;
      return orNotFound(first, 'line').settings;
    };
    expect(valuesOf(await line())).to.include({ context: 'users', transport: null, expiry: 3600 });
    await core.store.updateTenant('default', { lineSays: { expiry: 1800, codecs: ['opus'] } });
    await core.store.updateLineTemplate('default', { says: { expiry: 900, voicemail: '*97' } });
    await core.store.updateUser(user.id, { lineSays: { expiry: 300, voicemail: null } });
    const { expiry, codecs, voicemail } = await line();
    expect(expiry).to.deep.equal({ value: 300, from: 'user 1500' });
    expect(codecs).to.deep.equal({ value: ['opus'], from: 'tenant default' });
    expect(voicemail).to.deep.equal({ value: null, from: 'user 1500' });
  });
});
