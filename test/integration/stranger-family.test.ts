import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import { join } from 'node:path';
import { packageRoot } from '../../src/packageRoot.ts';
import { loadFamilies } from '../../src/phones/catalog/loadFamilies.ts';
import { notification } from '../../src/phones/family/notification.ts';
import type { AnswerNeeds } from '../../src/provisioning/files/answerRequest.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { answerNeeds, askByTftp } from '../support/answerNeeds.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { startPhonesListener, type PhonesListener } from '../support/phonesListener.ts';
import { assign, HOME } from '../support/steps.ts';

const MAC = '001565aabb01';
const AGENT = 'Yealink SIP-T46S 66.86.0.15 00:15:65:aa:bb:01';
const STRANGER = '192.0.2.66';

describe('A stranger who asks for the file of an unassigned phone, pretending to be of another make', () => {
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

  /** What a phone without a User-Agent gets by TFTP. */
  const byTftp = (address: string): ReturnType<typeof askByTftp> => askByTftp(needs, MAC, address);

  const strangers: readonly (readonly [string, string])[] = [
    ['Cisco-CP-8841-3PCC/11.0 (001565aabb01)', `/${MAC}.xml`],
    // A family without files: it is only listed.
    ['Algo-8301/3.1 00:15:65:aa:bb:01', '/x'],
  ];
  for (const [agent, path] of strangers) {
    it(`does not change how the phone is told to fetch once its user has set it up (${agent})`, async () => {
      await ask(`/${MAC}.cfg`, HOME, AGENT);
      const { status } = await ask(path, STRANGER, agent);
      const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
      await assign(core, MAC, user.id);
      core.pass(30_000);
      const ports = { ...core, checkSyncOf: (family: string) => notification(families, family, 'fetch') };
      await driveHandOvers(ports, (error) => expect.fail(String(error)));
      expect(
        core.registrar.sent.map(({ notification: { event } }) => event),
        `stranger got ${status}`,
      ).to.deep.equal([notification(families, 'yealink', 'fetch').event]);
    });
    it(`does not take the file away from the phone, which asks by TFTP (${agent})`, async () => {
      const before = await byTftp(HOME);
      expect(before).to.not.equal(undefined);
      if (before?.kind === 'rendered') await before.delivered?.();
      const { status } = await ask(path, STRANGER, agent);
      expect(await byTftp(HOME), `stranger got ${status}`).to.not.equal(undefined);
    });
  }
});
