import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import type { Knex } from 'knex';
import type { Change } from '../../src/domain/snapshot.ts';
import { sealer } from '../../src/secrets/sealer.ts';
import { changes, changesMessage, readChangesMessage } from '../../src/store/changes.ts';
import { deviceTable, lineTable } from '../../src/store/devices.ts';
import { heldSnapshots } from '../../src/store/heldSnapshots.ts';
import type { Row } from '../../src/store/table.ts';

const PHONE = '001565aabb01';
const JSON_FUNCTIONS = { array: 'json_build_array', group: 'json_agg' };

describe('What is read before it is asked for', () => {
  it('of what phones have in common is not kept when that has changed meanwhile, nor while changes cannot be heard of', async () => {
    const heard = changes();
    const waiting: (() => void)[] = [];
    const run = (): Promise<readonly Row[]> => new Promise((resolve) => waiting.push(() => resolve([])));
    const engine = { run, json: JSON_FUNCTIONS, database: undefined as unknown as Knex };
    const held = heldSnapshots(engine, sealer(randomBytes(32)), heard);
    /** Begins to read, does something, and lets the answers come. */
    async function read(meanwhile: () => void = () => undefined): Promise<boolean> {
      const reading = held.prepare?.(null);
      meanwhile();
      for (const answer of waiting.splice(0)) answer();
      await reading;
      return held.isReady();
    }

    expect(await read(), 'before it hears').to.equal(false);
    let isSure = true;
    const hear = (): void => held.hears(() => isSure);
    hear();
    expect(await read(() => heard.tell('all')), 'anything may have changed').to.equal(false);
    expect(await read(() => heard.tell({ mac: PHONE })), 'what is one phone’s has changed').to.equal(true);
    held.lost();
    expect(held.isReady(), 'after the loss').to.equal(false);
    hear();
    expect(await read(held.lost), 'lost in the midst').to.equal(false);
    hear();
    expect(await read()).to.equal(true);
    isSure = false;
    expect(held.isReady(), 'this process has been stopped').to.equal(false);
    hear();
    isSure = true;
    expect(held.isReady(), 'and goes on').to.equal(false);
  });

  it('of a phone is not kept when that phone has changed meanwhile, and is whatever has become of others', async () => {
    const heard = changes();
    const sealing = sealer(randomBytes(32));
    const [devices, lines] = [deviceTable(sealing), lineTable(sealing)];
    const lineRow: Row = {
      id: 'its',
      mac: PHONE,
      slot: 1,
      secret: '',
      token: '',
      disbelieved: '[]',
      left_behind: '[]',
    };
    const valuesOf = (columns: readonly string[], row: Row): readonly unknown[] =>
      columns.map((each) => row[each] ?? null);
    const row = {
      device: valuesOf(devices.columns, { mac: PHONE, says: '{}' }),
      lines: [['hash', valuesOf(lines.columns, lineRow), []]],
    };
    let answer: () => void = () => undefined;
    const run = (_: unknown, sql: string): Promise<readonly Row[]> =>
      sql.includes('is_awaited') ? new Promise((resolve) => (answer = () => resolve([row]))) : Promise.resolve([]);
    const held = heldSnapshots({ run, json: JSON_FUNCTIONS, database: undefined as unknown as Knex }, sealing, heard);
    held.hears(() => true);
    await held.prepare?.(null);
    /** It changes before the answer, or so many turns of promises after it. */
    async function isKept(change: Change, turnsLater?: number): Promise<boolean> {
      const reading = held.prepare?.(PHONE);
      await Promise.resolve();
      await Promise.resolve();
      if (turnsLater === undefined) heard.tell(change);
      answer();
      let later = Promise.resolve();
      for (let turn = 0; turn < (turnsLater ?? 0); turn++) later = later.then(() => undefined);
      await Promise.all([reading, later.then(() => turnsLater !== undefined && heard.tell(change))]);
      const kept = held.of(PHONE) !== undefined;
      heard.tell({ mac: PHONE });
      return kept;
    }

    expect(await isKept({ mac: '001565aabb02' }), 'another phone').to.equal(true);
    expect(await isKept({ lineId: 'another' }), 'a line of another').to.equal(true);
    expect(await isKept({ mac: PHONE }), 'the phone').to.equal(false);
    expect(await isKept({ lineId: 'its' }), 'its line').to.equal(false);
    for (let later = 0; later < 9; later++)
      expect(await isKept({ mac: PHONE }, later), `the phone, ${later} turns after the answer`).to.equal(false);
  });

  it('is told between processes, each change once, and everything when that would be too much', () => {
    const one = { mac: '001565aabb01' } as const;
    const line = { lineId: 'a' } as const;
    const message = changesMessage('us', [one, line, one]);
    expect(readChangesMessage('them', message)).to.deep.equal([one, line]);
    expect(readChangesMessage('us', message), 'of its own it knows').to.deep.equal([]);
    expect(readChangesMessage('them', 'due')).to.equal(undefined);
    const many = Array.from({ length: 1000 }, (_, at) => ({ mac: `0015650${at}` }));
    expect(readChangesMessage('them', changesMessage('us', many))).to.deep.equal(['all']);
    expect(readChangesMessage('them', changesMessage('us', [one, 'all']))).to.deep.equal(['all']);
  });

  it('is told by whoever may tell: what nobody can read may be about everything', () => {
    for (const text of ['', '{', 'null', '{}', '[null]', '["some"]', '[{"lineId":1}]'])
      expect(readChangesMessage('them', `changed us ${text}`), text).to.deep.equal(['all']);
  });
});
