import { expect } from 'chai';
import { exportEvents, listEvents } from '../../src/administration/events.ts';
import { addTenant } from '../../src/administration/tenants.ts';
import { addUser } from '../../src/administration/users.ts';
import { readCsv } from '../../src/csv/readCsv.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { refusalOf } from '../support/refusal.ts';
import { enrol } from '../support/steps.ts';

describe('What has happened', () => {
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
    await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann', pin: '840271' });
    await enrol(core, '001565aabb01');
  });
  afterEach(() => core.close());

  const steps = async (wanted: object, tenant = 'default'): Promise<readonly string[]> =>
    (await listEvents(core, tenant, { limit: 50, ...wanted })).map(({ step }) => step);

  it('is found by kind, by who did it, by time, by device and by user', async () => {
    expect(await steps({})).to.deep.equal(['user_added', 'enrolled']);
    expect(await steps({ step: 'user added' })).to.deep.equal(['user_added']);
    expect(await steps({ actor: 'phone' })).to.deep.equal(['enrolled']);
    expect(await steps({ actor: 'te' })).to.deep.equal(['user_added']);
    expect(await steps({ from: Date.now() + 1000 })).to.deep.equal([]);
    expect(await steps({ until: Date.now() + 1000, from: 0 })).to.have.length(2);
    expect(await steps({ mac: '001565aabb01' })).to.deep.equal(['enrolled']);
    expect(await steps({ extension: '1500' })).to.deep.equal(['user_added']);
  });

  it('is one tenant’s', async () => {
    await addTenant(core, { id: 'acme' });
    expect(await steps({}, 'acme')).to.deep.equal(['created']);
    expect(await steps({})).to.not.include('created');
  });

  it('is refused for a kind that there is not, with those that there are', async () => {
    const refusal = await refusalOf(listEvents(core, 'default', { step: 'exploded', limit: 1 }));
    expect(refusal.message).to.contain('accepted').and.to.contain('locked');
  });

  it('is exported whole, in pages, as a table and as JSON, without any secret', async () => {
    await core.store.transaction(async (store) => {
      for (let i = 0; i < 12_000; i++) {
        await store.addEvent({ step: 'called', tenantId: 'default', mac: '001565aabb01', detail: { note: '=1+1' } });
      }
    });
    const parts: string[] = [];
    for await (const part of exportEvents(core, 'default', {}, 'csv')) parts.push(part);
    const lines = parts.join('').trim().split('\r\n');
    expect(lines).to.have.length(1 + 12_002);
    expect(readCsv(Buffer.from(lines.slice(0, 9000).join('\n'))).mistakes).to.deep.equal([]);
    const json: string[] = [];
    for await (const part of exportEvents(core, 'default', { step: 'user_added' }, 'jsonl')) json.push(part);
    expect(JSON.parse(json.join(''))).to.include({ step: 'user_added', actor: 'test' });
    expect(parts.join('') + json.join('')).to.not.contain('840271');
  });
});
