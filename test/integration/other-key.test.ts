import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '../../src/store/open.ts';
import { answerNeeds, askByTftp } from '../support/answerNeeds.ts';
import { FIRST_TENANT, openTestCore, type TestCore } from '../support/core.ts';
import { refusalOf } from '../support/refusal.ts';

describe('A process with another site key than the one of the database', () => {
  let core: TestCore;
  let place: TestCore['place'];

  beforeEach(async () => {
    core = await openTestCore();
    place = { ...core.place, siteKey: join(core.directory, 'other.key') };
    writeFileSync(place.siteKey, randomBytes(32).toString('hex'), { mode: 0o600 });
  });
  afterEach(() => core.close());

  it('does not start, and says which key it wants', async () => {
    const { code, message } = await refusalOf(openStore(place, FIRST_TENANT));
    expect(code).to.equal('invalid');
    expect(message).to.contain(place.siteKey).and.to.contain('SELFPROV_SITE_KEY');
  });

  it('does not start on a database from before it was written down which key that is', async () => {
    await askByTftp(answerNeeds(core), '001565aabb01', '192.0.2.1').then((answer) =>
      answer?.kind === 'rendered' ? answer.delivered?.() : undefined,
    );
    expect(await core.store.lines('001565aabb01')).to.have.length(1);
    const database = core.connect();
    await database('site_keys').delete();
    await database.destroy();
    const { message } = await refusalOf(openStore(place, FIRST_TENANT));
    expect(message).to.contain('not the site key');
    const again = await openStore(core.place, FIRST_TENANT);
    await again.close();
    expect((await refusalOf(openStore(place, FIRST_TENANT))).message).to.contain(place.siteKey);
  });
});
