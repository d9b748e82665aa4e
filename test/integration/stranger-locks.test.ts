import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import { decide } from '../../src/domain/admission.ts';
import { selfProvision } from '../../src/ivr/selfProvision.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { scriptedCall } from '../support/scriptedCall.ts';
import { enrol, HOME, stateOfDevice } from '../support/steps.ts';

const MAC = '001565aabb01';
const STRANGER = '192.0.2.66';

describe('A stranger who has asked for the file of a new phone', () => {
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
  });
  afterEach(() => core.close());

  for (const tries of [0, 6])
    it(`does not lock the phone by keying rubbish on the line that the stranger was given, ${tries} times`, async () => {
      const phones = await enrol(core, MAC, HOME);
      const strangers = await enrol(core, MAC, STRANGER);
      const { pin } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
      // Extensions that do not exist: nobody's extension is locked by this.
      for (const wrong of ['8001', '8002', '8003', '8004', '8005', '8006'].slice(0, tries)) {
        await selfProvision(
          core,
          scriptedCall({ endpoint: strangers.endpoint, address: STRANGER, keys: `${wrong}#111111#` }),
        );
      }
      const call = scriptedCall({
        ...{ endpoint: phones.endpoint, address: HOME, contact: `sip:x@${HOME}:5060` },
        keys: `1500#${pin.reveal()}#1`,
      });
      await selfProvision(core, call);
      expect(await stateOfDevice(core, MAC), call.heard.join(' ')).to.equal('handing_over');
    });

  it('with eight addresses does not keep the phone from its file for as long as he asks', async () => {
    for (let i = 0; i < 8; i++) await enrol(core, MAC, `2001:db8::${i + 1}`);
    core.pass(29 * 60_000);
    const facts = {
      claim: { token: null, address: HOME },
      now: core.now(),
      trustedAddresses: 'private' as const,
      isHome: false,
      mayEnrol: true,
      isExpected: false,
      factoryReset: 'refuse' as const,
      device: await core.store.device(MAC),
      lines: await core.store.lines(MAC),
      handOvers: [],
    };
    expect(decide(facts)).to.not.deep.equal({ kind: 'refuse', why: 'crowded' });
  });
});
