import { expect } from 'chai';
import { openStage, type Stage } from '../support/stage.ts';
import type { StagePhone } from '../support/stagePhone.ts';

/** Whose it is changes again before the phone has fetched what it was told to fetch: it still has the file of before. */
describe('A phone that is somebody’s again before it has fetched', () => {
  let stage: Stage;
  let phone: StagePhone;
  beforeEach(async () => {
    stage = await openStage();
    phone = stage.phone();
    await stage.addUser('1500');
    await stage.addUser('1501');
    await phone.setUp('1500');
  });
  afterEach(() => stage.close());

  async function isOf(extension: string): Promise<void> {
    await stage.drive();
    expect(stage.told(), 'where it is registered as the one of before').to.include(phone.contact);
    await phone.comeBack();
    expect(phone.line.user).to.equal(extension);
    expect((await stage.steps(phone.mac)).at(-1)).to.equal('done');
  }

  it('after it was released', async () => {
    await stage.run(`device release ${phone.mac}`);
    await stage.run(`device assign ${phone.mac} 1501`);
    await isOf('1501');
  });

  it('after it was blocked', async () => {
    await stage.run(`device block ${phone.mac}`);
    await stage.run(`device unblock ${phone.mac}`);
    await stage.run(`device assign ${phone.mac} 1500`);
    await isOf('1500');
  });

  it('after it was moved to another tenant', async () => {
    await stage.run('tenant add acme');
    await stage.addUser('1600', { tenantId: 'acme' });
    await stage.run(`device release ${phone.mac}`);
    await stage.run(`device move ${phone.mac} --to acme`);
    await stage.run(`--tenant acme device assign ${phone.mac} 1600`);
    await isOf('acme-1600');
  });

  it('after its user has been at a shared phone for a moment', async () => {
    const desk = stage.phone();
    await desk.plugIn();
    await stage.run(`device set ${desk.mac} --user-type hot_desk`);
    await desk.dial('*55', '1500#840271#1');
    await desk.comeBack();
    await desk.dial('*55', '1');
    await isOf('1500');
  });
});
