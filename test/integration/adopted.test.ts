import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Knex } from 'knex';
import { userByExtension } from '../../src/administration/users.ts';
import { slotNames, type EndpointFacts } from '../../src/domain/adoption.ts';
import { callingDevice } from '../../src/provisioning/handOver/callingDevice.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { refusalOf } from '../support/refusal.ts';
import { assign, enrol } from '../support/steps.ts';
import { userCommandAt } from '../support/userCommand.ts';

const [MAC, OTHER] = ['001565aabb01', '001565aabb02'];

function endpoint(name: string, change: Partial<EndpointFacts> = {}): EndpointFacts {
  const facts = { name, auths: [name], aors: [name], identifyBy: ['username', 'ip'], context: 'internal' };
  return { ...facts, callerName: `Own ${name}`, mostContacts: 20, foreignSlots: [], ...change };
}

describe('A user whose endpoint is the administrator’s own', () => {
  let core: TestCore;
  let asterisk: Knex;
  let endpoints: Map<string, EndpointFacts>;
  let printed: string[];
  let applied: number;

  beforeEach(async () => {
    core = await openTestCore();
    asterisk = core.connect();
    endpoints = new Map(
      [endpoint('1004'), endpoint('1005'), endpoint('trunk', { auths: [] })].map((facts) => [facts.name, facts]),
    );
    [printed, applied] = [[], 0];
    // Asterisk as it is once it has read adopted.conf.
    core.registrar.authsOf = (name) => Promise.resolve([name, ...slotNames(name, 10)]);
  });
  afterEach(async () => {
    await asterisk.destroy();
    await core.close();
  });

  async function user(...args: readonly string[]): Promise<string> {
    const adopting = {
      endpoints: () => Promise.resolve(endpoints),
      apply: () => Promise.resolve((applied += 1)).then(() => []),
    };
    await userCommandAt(adopting, core, printed, ...args);
    return printed.at(-1) ?? '';
  }
  const auth = async (id: string) =>
    (await asterisk('ps_auths').where({ id }).first()) as Record<string, unknown> | undefined;
  const adopted = async (extension: string) => userByExtension(core, 'default', extension);

  it('is adopted with the name of its endpoint and a PIN, and Asterisk is told', async () => {
    expect(await user('adopt', '1004'))
      .to.match(/Name: +Own 1004/)
      .and.match(/PIN: +\d{6}/);
    expect(applied).to.equal(1);
    expect((await adopted('1004')).adoption).to.deep.equal({ kind: 'slots', slots: 10, auths: ['1004'] });
    expect(await user('show', '1004')).to.contain('of your own files');
  });

  it('gets a slot of that endpoint for each phone, and no endpoint of ours', async () => {
    await user('adopt', '1004', '--slots', '2');
    await user('adopt', '1004', '--slots', '2');
    const { id } = await adopted('1004');
    await enrol(core, MAC);
    await enrol(core, OTHER, '10.0.0.8');
    const first = await assign(core, MAC, id);
    const second = await assign(core, OTHER, id, '10.0.0.8');
    expect(await auth('1004-s1')).to.include({ username: `1004-${MAC}`, md5_cred: first.md5Credential });
    expect(await auth('1004-s2')).to.include({ username: `1004-${OTHER}`, md5_cred: second.md5Credential });
    expect(await asterisk('ps_endpoints').where({ id: '1004' })).to.deep.equal([]);

    await releaseDevice(core, { mac: MAC, actor: 'test' });
    expect(await auth('1004-s1')).to.equal(undefined);
    expect(await auth('1004-s2')).to.include({ username: `1004-${OTHER}` });
  });

  it('keeps its own credentials when it is adopted once more, though Asterisk cuts a long list off in the middle of a name', async () => {
    await user('adopt', '1004');
    endpoints.set('1004', endpoint('1004', { auths: ['1004', '1004-s1', '1004-'] }));
    expect(await user('adopt', '1004', '--slots', '11')).to.contain('1004');
    expect((await adopted('1004')).adoption).to.deep.equal({ kind: 'slots', slots: 11, auths: ['1004'] });
  });

  it('has no more slots than Asterisk can say, as many as fit unless it is said how many', async () => {
    endpoints.set('front-door', endpoint('front-door'));
    await user('adopt', '8003', '--endpoint', 'front-door');
    expect((await adopted('8003')).adoption).to.deep.equal({ kind: 'slots', slots: 8, auths: ['front-door'] });
    const refusal = await refusalOf(user('adopt', '1005', '--slots', '40'));
    expect(refusal.message).to.contain('phones of ours fit at 1005');
  });

  it('has no phone more than there are slots', async () => {
    await user('adopt', '1004', '--slots', '1');
    const { id } = await adopted('1004');
    await enrol(core, MAC);
    await assign(core, MAC, id);
    await enrol(core, OTHER, '10.0.0.8');
    const refusal = await refusalOf(assign(core, OTHER, id, '10.0.0.8'));
    expect(refusal).to.include({ code: 'conflict', reason: 'phone_limit' });
    expect(refusal.message).to.contain('--slots 2');
  });

  it('is refused a phone as long as Asterisk does not know the slots', async () => {
    await user('adopt', '1004');
    core.registrar.authsOf = () => Promise.resolve(['1004']);
    await enrol(core, MAC);
    const refusal = await refusalOf(assign(core, MAC, (await adopted('1004')).id));
    expect(refusal).to.include({ code: 'conflict', reason: 'shadowed' });
    expect(refusal.message).to.contain('adopted.conf');
  });

  it('calls from a phone of before: it is not taken for the one that we have set up', async () => {
    await user('adopt', '1004');
    await enrol(core, MAC);
    await assign(core, MAC, (await adopted('1004')).id);
    const call = { endpoint: '1004', address: '10.0.0.7' };
    expect(await callingDevice(core, { ...call, authName: '1004' })).to.equal(undefined);
    expect((await callingDevice(core, { ...call, authName: `1004-${MAC}` }))?.device.mac).to.equal(MAC);
  });

  it('has its one password in each phone where Asterisk takes no second one; Asterisk is not told of it', async () => {
    await user('adopt', '1004', '--sip-user', '1004', '--sip-password', 'house-secret');
    const { id } = await adopted('1004');
    await enrol(core, MAC);
    const line = await assign(core, MAC, id);
    expect([line.authUser, line.secret.reveal(), line.authId]).to.deep.equal(['1004', 'house-secret', null]);
    expect(await asterisk('ps_auths')).to.deep.equal([]);
    const rows = JSON.stringify([
      await asterisk('users'),
      await asterisk('lines'),
      await core.store.events({ limit: 50 }),
    ]);
    expect(rows).not.to.contain('house-secret');
  });

  it('has the next one in each phone when it is adopted with that, and in phones that had a slot each before', async () => {
    await user('adopt', '1004', '--slots', '2');
    const { id } = await adopted('1004');
    await enrol(core, MAC);
    await assign(core, MAC, id);
    const has = async () => {
      const [line] = await core.store.lines(MAC);
      return [line?.authUser, line?.secret.reveal(), line?.authId];
    };
    for (const [name, password] of [
      ['ann', 'house-secret'],
      ['ann', 'next-secret'],
      ['anna', 'next-secret'],
    ] as const) {
      await user('adopt', '1004', '--sip-user', name, '--sip-password', password);
      expect(await has()).to.deep.equal([name, password, null]);
    }
    expect(await asterisk('ps_auths')).to.deep.equal([]);
    const steps = (await core.store.events({ mac: MAC, limit: 50 })).map(({ step }) => step);
    expect(steps.filter((step) => step === 'password_new')).to.have.length(3);
  });

  it('is told of an AOR without room for one more, with the line to change', async () => {
    endpoints.set('1006', endpoint('1006', { mostContacts: 1 }));
    expect(await user('adopt', '1006')).to.contain('max_contacts=11');
  });

  it('is not adopted where that cannot be: the reason is said, and nobody is made', async () => {
    for (const [extension, why] of [
      ['1999', 'Asterisk has none of this name'],
      ['112', 'emergency number'],
    ] as const) {
      expect((await refusalOf(user('adopt', extension))).message).to.contain(why);
    }
    expect(await core.store.users('default')).to.deep.equal([]);
    await user('add', '1005', '--name', 'Ours');
    expect((await refusalOf(user('adopt', '1005'))).message).to.contain('own endpoint already');
  });

  it('is adopted with all others at once: first said, then done, with the PINs in a file', async () => {
    const said = await user('adopt', '--all');
    expect(said).to.contain('2 new').and.to.contain('trunk is left alone');
    expect(await core.store.users('default')).to.deep.equal([]);
    const pins = join(core.directory, 'pins.csv');
    expect((await refusalOf(user('adopt', '--all', '--apply'))).message).to.contain('--pins');
    expect(await user('adopt', '--all', '--apply', '--pins', pins)).to.contain('2 users are adopted');
    expect((await core.store.users('default')).map(({ name }) => name)).to.deep.equal(['Own 1004', 'Own 1005']);
    expect(await user('adopt', '--all')).to.contain('2 as they are');
  });

  it('is adopted by a table, whose mistakes are named by their lines', async () => {
    const table = join(core.directory, 'adopt.csv');
    writeFileSync(table, 'extension,endpoint,name\n1104,1004,Ann\n1105,nobody,Bob\n');
    const refusal = await refusalOf(user('adopt', '--csv', table, '--apply'));
    expect(refusal.message).to.contain('nothing is imported');
    expect(printed.at(-1)).to.contain('line 3, endpoint: endpoint nobody: Asterisk has none of this name');
    writeFileSync(table, 'extension,endpoint,name\n1104,1004,Ann\n');
    await user('adopt', '--csv', table, '--apply', '--pins', join(core.directory, 'pins.csv'));
    expect(await adopted('1104')).to.include({ endpoint: '1004', name: 'Ann' });
  });
});
