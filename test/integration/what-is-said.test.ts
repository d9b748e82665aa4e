import { expect } from 'chai';
import { openStage, type Stage } from '../support/stage.ts';
import { refusalOf } from '../support/refusal.ts';

const MAC = '001565aabb01';

describe('A command says what it has done', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
    await stage.addUser('1500');
    await stage.run(`device add --family yealink --mac ${MAC} --user 1500`);
  });
  afterEach(() => stage.close());

  it('to a user, what is no setting of phones included', async () => {
    const said = await stage.run('user set 1500 --self-provisioning off --language de --name', 'Ann Lee');
    expect(said)
      .to.match(/^Name: +Ann Lee$/m)
      .and.to.match(/^Self-provisioning: +off$/m)
      .and.to.match(/^language +de +user 1500$/m);
  });

  it('to a device, what people have written about it included', async () => {
    expect(await stage.run(`device set ${MAC} --clock 12 --note`, 'Room 7'))
      .to.match(/^Remark: +Room 7$/m)
      .and.to.match(/^clock +12 +device/m);
  });

  it('and from whom it has taken something', async () => {
    expect(await stage.run('user remove 1500 --yes')).to.contain('00:15:65:aa:bb:01');
    await stage.addUser('1501');
    await stage.run(`device assign ${MAC} 1501`);
    expect(await stage.run(`device remove ${MAC} --yes`)).to.contain('1501');
    await stage.addUser('1502');
    expect(await stage.run('user remove 1502 --yes')).to.equal('Extension 1502 is removed.');
  });

  it('or that it was not understood, where a phone would only stay as it is', async () => {
    for (const slip of ['gr', 'xx-yy', 'deutsch']) {
      const { message } = await refusalOf(stage.run(`user set 1500 --language ${slip}`));
      expect(message).to.contain(slip).and.to.contain('like en or pt-BR');
    }
    expect(await stage.run('user set 1500 --language zh-TW')).to.match(/^language +zh-TW/m);
  });
});
