import { expect } from 'chai';
import { join } from 'node:path';
import { packageRoot } from '../../src/packageRoot.ts';
import { loadFamilies } from '../../src/phones/catalog/loadFamilies.ts';
import { notification } from '../../src/phones/family/notification.ts';
import type { AnswerNeeds } from '../../src/provisioning/files/answerRequest.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { removeDevice } from '../../src/provisioning/handOver/removeDevice.ts';
import { listDevices } from '../support/listDevices.ts';
import { answerNeeds, askByTftp } from '../support/answerNeeds.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { startPhonesListener, type PhonesListener } from '../support/phonesListener.ts';
import { HOME } from '../support/steps.ts';

const MAC = '001565aabb01';
const STRANGER = '192.0.2.66';

describe('A stranger who asks for a phone’s file before the phone does, pretending to be of another make', () => {
  const families = loadFamilies([join(packageRoot, 'templates')]);
  let core: TestCore;
  let needs: AnswerNeeds;
  let listener: PhonesListener;
  beforeEach(async () => {
    core = await openTestCore();
    needs = answerNeeds(core);
    listener = await startPhonesListener(core);
  });
  afterEach(async () => {
    await listener.close();
    await core.close();
  });

  const ask = (path: string, from: string, agent: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${listener.port}${path}`, { headers: { 'user-agent': agent, 'x-forwarded-for': from } });
  const byTftp = (address: string): ReturnType<typeof askByTftp> => askByTftp(needs, MAC, address);

  const strangers: readonly (readonly [string, string])[] = [
    ['Cisco-CP-8841-3PCC/11.0 (001565aabb01)', `/${MAC}.xml`],
    ['Algo-8301/3.1 00:15:65:aa:bb:01', '/x'],
  ];
  for (const [agent, path] of strangers) {
    it(`does not keep the phone, which asks by TFTP, from its file (${agent})`, async () => {
      const { status } = await ask(path, STRANGER, agent);
      const answer = await byTftp(HOME);
      expect(answer?.kind, `stranger got ${status}`).to.equal('rendered');
    });
  }

  it('does not have the list say that there are no files for the phone, which has fetched its own', async () => {
    await ask('/x', STRANGER, 'Algo-8301/3.1 00:15:65:aa:bb:01');
    const { status } = await ask(`/${MAC}.cfg`, HOME, 'Yealink SIP-T46S 66.86.0.15 00:15:65:aa:bb:01');
    expect(status).to.equal(200);
    const [shown] = await listDevices(core, { families: () => families }, 'default');
    expect([shown?.family, shown?.note]).to.deep.equal(['yealink', null]);
  });

  it('does not change how the phone is told when an administrator removes it', async () => {
    await ask(`/${MAC}.xml`, STRANGER, 'Cisco-CP-8841-3PCC/11.0 (001565aabb01)');
    await ask(`/${MAC}.cfg`, HOME, 'Yealink SIP-T46S 66.86.0.15 00:15:65:aa:bb:01');
    const line = (await core.store.lines(MAC)).find(({ address }) => address === HOME);
    expect(line?.askedAs?.family).to.equal('yealink');
    if (line === undefined) return;
    await core.registrar.register({
      ...{ user: line.endpoint, authName: line.authName, password: line.secret.reveal(), address: HOME, port: 5060 },
      ...{ viaAddress: HOME, viaPort: 5060, callId: '1', userAgent: 'x', expires: 600 },
    });
    await noteRegistrations(core, line.endpoint);
    await removeDevice(core, { mac: MAC, actor: 'test' });
    const ports = { ...core, checkSyncOf: (family: string) => notification(families, family, 'fetch') };
    await driveHandOvers(ports, (error) => expect.fail(String(error)));
    expect(core.registrar.sent.map(({ notification: { event } }) => event)).to.deep.equal([
      notification(families, 'yealink', 'fetch').event,
    ]);
  });
});
