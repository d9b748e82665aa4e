import { expect } from 'chai';
import { addRedirect, removeRedirect } from '../../src/administration/redirects.ts';
import { addTenant, changeTenant } from '../../src/administration/tenants.ts';
import { addDevice } from '../../src/administration/devices.ts';
import { moveDevice } from '../../src/administration/whoseDevice.ts';
import { answerRequest, type Answer } from '../../src/provisioning/files/answerRequest.ts';
import { answerNeeds } from '../support/answerNeeds.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { shippedFamilies } from '../support/phoneFacts.ts';
import { refusalOf } from '../support/refusal.ts';

const FAMILIES = shippedFamilies().all.map(({ id }) => id);
const YEALINK = 'Yealink SIP-T46S 66.86.0.15';
const CISCO = 'Cisco-CP-8841-3PCC/11.0 (00562b043615)';

describe('A phone that asks at the neutral URL', () => {
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
  });
  afterEach(() => core.close());

  const rule = (url: string | null, conditions: object = {}): ReturnType<typeof addRedirect> =>
    addRedirect(core, FAMILIES, { url, ...conditions });
  async function ask(path: string, userAgent = YEALINK, address = '198.51.100.7'): Promise<Answer | undefined> {
    const claim = { token: null, address };
    return answerRequest(answerNeeds(core), {
      path: `/rps${path}`,
      userAgent,
      method: 'GET',
      transport: 'http',
      claim,
    });
  }
  async function sentTo(path = '/001565aabb01.cfg', userAgent = YEALINK, address?: string): Promise<string> {
    const answer = await ask(path, userAgent, address);
    if (answer?.kind === 'redirect') return `302 ${answer.url}`;
    const text = answer?.kind === 'rendered' ? answer.body.toString() : '';
    return /^static\.auto_provision\.server\.url *= *(.*)$/m.exec(text)?.[1]?.trim() ?? 'nowhere';
  }

  it('gets nothing while there is no rule for it, and is not enrolled', async () => {
    expect(await ask('/001565aabb01.cfg')).to.equal(undefined);
    expect(await core.store.devices('default')).to.deep.equal([]);
  });

  it('gets a file of its family that names its server, and nothing else of it', async () => {
    await rule('https://one.example/');
    expect(await sentTo()).to.equal('https://one.example/');
    const answer = await ask('/001565aabb01.cfg');
    const text = answer?.kind === 'rendered' ? answer.body.toString() : '';
    expect(text).to.not.contain('phone-001565aabb01');
    expect(text).to.match(/^account\.1\.enable *= *0$/m);
    expect(await core.store.devices('default')).to.deep.equal([]);
  });

  it('is sent on by HTTP where its family follows that', async () => {
    await rule('https://one.example/');
    expect(await sentTo('/00562b043615.xml', CISCO)).to.equal('302 https://one.example/00562b043615.xml');
  });

  it('is sent on by HTTP with whatever stood in its path, encoded as it must be in a header', async () => {
    await rule('https://one.example/');
    expect(await sentTo('/\r\nX: y/€/00562b043615.xml', CISCO)).to.equal(
      '302 https://one.example/%0D%0AX:%20y/%E2%82%AC/00562b043615.xml',
    );
  });

  it('is sent by what it is and where it is: the rule that says most decides', async () => {
    await rule('https://all.example/');
    await rule('https://west.example/', { network: '203.0.113.0/24' });
    await rule('https://t4.example/', { family: 'yealink', model: 'T4*' });
    await rule('https://this.example/', { mac: '00:15:65:aa:bb:02' });
    await rule(null, { mac: '001565ffffff' });
    expect(await sentTo()).to.equal('https://t4.example/');
    expect(await sentTo('/001565aabb02.cfg')).to.equal('https://this.example/');
    expect(await sentTo('/001565ffffff.cfg')).to.equal('nowhere');
    expect(await sentTo('/001565aabb03.cfg', 'Yealink SIP-T54W 96.86.0.20', '203.0.113.9')).to.equal(
      'https://west.example/',
    );
    expect(await sentTo('/001565aabb03.cfg', 'Yealink SIP-T54W 96.86.0.20')).to.equal('https://all.example/');
  });

  it('is sent to the server of its tenant, when the inventory has it', async () => {
    await rule('https://all.example/');
    await addTenant(core, { id: 'acme' });
    await changeTenant(core, 'acme', { urls: ['https://phones.example/acme/'] });
    const facts = { families: shippedFamilies, openUrl: () => 'http://x/' };
    await addDevice(core, facts, { tenantId: 'default', family: 'yealink', mac: '001565aabb01' });
    await moveDevice(core, '001565aabb01', 'acme');
    expect(await sentTo()).to.equal('https://phones.example/acme/');
    expect(await sentTo('/001565aabb09.cfg')).to.equal('https://all.example/');
  });

  it('is sent nowhere any more when the rule has gone', async () => {
    const { id } = await rule('https://one.example/');
    await removeRedirect(core, id.slice(0, 8));
    expect(await sentTo()).to.equal('nowhere');
  });

  it('is sent by rules that make sense: others are refused', async () => {
    await rule('https://one.example');
    expect(await refusalOf(rule('https://two.example/'))).to.include({ code: 'conflict' });
    expect(await refusalOf(rule('ftp://x/'))).to.include({ code: 'invalid' });
    expect(await refusalOf(rule('https://x/', { mac: 'xyz' }))).to.include({ code: 'invalid' });
    expect(await refusalOf(rule('https://x/', { family: 'nokia' }))).to.include({ code: 'not_found' });
    expect(await refusalOf(rule('https://x/', { network: '10.0.0.0' }))).to.include({ code: 'invalid' });
  });
});
