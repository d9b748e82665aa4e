import { expect } from 'chai';
import { openStage, type Stage } from '../support/stage.ts';
import type { StagePhone } from '../support/stagePhone.ts';

describe('A range of numbers for phones that are nobody’s', () => {
  let stage: Stage;
  let phones: readonly StagePhone[];
  beforeEach(async () => {
    stage = await openStage();
    phones = [stage.phone(), stage.phone(), stage.phone()];
    for (const phone of phones) await phone.fetch();
  });
  afterEach(() => stage.close());

  async function labels(): Promise<readonly (string | undefined)[]> {
    for (const phone of phones) await phone.fetch();
    return phones.map(({ reading }) => reading.lines[0]?.label?.split(':')[0]);
  }

  it('is for those too that were there before it, and is given anew when it is another one', async () => {
    await stage.run('tenant set --default-numbers 9000-9009');
    expect(await labels()).to.deep.equal(['9000', '9001', '9002']);
    await stage.run('tenant set --default-numbers 9001-9009');
    expect(await labels(), 'who may keep a number keeps it').to.deep.equal(['9003', '9001', '9002']);
  });

  it('is shown on the phones before it is saved', async () => {
    const first = await stage.run('tenant set --default-numbers 9000-9009 --dry-run');
    expect(first)
      .to.match(/^3 devices/)
      .and.to.contain('+account.1.label = 9000: Dial')
      .and.to.not.contain('No number');
    await stage.run('tenant set --default-numbers 9000-9009');
    expect(await stage.run('tenant set --default-numbers 9000-9019 --dry-run'), 'all keep theirs').to.contain(
      'No phone',
    );
    const other = await stage.run('tenant set --default-numbers 9100-9199 --dry-run');
    expect(other)
      .to.match(/^3 devices/)
      .and.to.contain('+account.1.label = 9100: Dial');
  });

  it('says of each phone that gets none that it is used up', async () => {
    await stage.run('tenant set --default-numbers 9000-9001');
    expect(await labels()).to.deep.equal(['9000', '9001', 'No number left']);
    expect(await stage.steps(phones[2]?.mac ?? '')).to.include('numbers_used_up');
  });

  it('has its first number in the file that is shown before there is a phone', async () => {
    await stage.run('tenant set --default-numbers 9000-9001');
    expect(await stage.run('render --family yealink')).to.contain('9000: Dial *55');
  });
});
