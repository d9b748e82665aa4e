import { expect } from 'chai';
import { openStage, type Stage } from '../support/stage.ts';
import { refusalOf } from '../support/refusal.ts';

const ADAPTER = '000b82aabb01';
const PHONE = '001565aabb01';

describe('The lines of a device, as an administrator gives them', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
    for (const extension of ['1500', '1501', '1502']) await stage.addUser(extension);
  });
  afterEach(() => stage.close());

  const refused = (words: string) => refusalOf(stage.run(words));

  it('end with those that the model has, whether they are named or not', async () => {
    const add = `device add --family grandstream-ht --model HT802 --mac ${ADAPTER}`;
    expect(await refused(`${add} --user 1500 3=1501`)).to.have.property('message', 'this model has 2 lines');
    expect(await stage.json('device list'), 'nothing of it is kept').to.deep.equal([]);
    await stage.run(`${add} --user 1500`);
    expect(await refused(`device assign ${ADAPTER} 1501 --port 3`)).to.have.property(
      'message',
      'this model has 2 lines',
    );
    await stage.run(`device assign ${ADAPTER} 1501`);
    const { message } = await refused(`device assign ${ADAPTER} 1502`);
    expect(message).to.contain('2 lines').and.to.contain('release one first');
    expect(await stage.listed(ADAPTER)).to.have.property('extension', '1500, 1501');
  });

  it('are of several users only where that is said', async () => {
    await stage.run(`device add --family yealink --model T46S --mac ${PHONE}`);
    expect(await stage.run(`device assign ${PHONE} 1500`)).to.not.contain('beside');
    expect(await stage.run(`device assign ${PHONE} 1501`)).to.contain('1501’s (line 2), beside 1500;');
    expect(await stage.run(`device show ${PHONE}`)).to.match(/^Lines: {6}1: 1500 .*\n {12}2: 1501 /m);
  });
});
