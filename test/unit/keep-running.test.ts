import { expect } from 'chai';
import { keepRunning, type KeptAsterisk } from '../../src/asterisk/private/keepRunning.ts';
import type { PrivateAsterisk } from '../../src/asterisk/private/privateAsterisk.ts';

const turn = (): Promise<void> => new Promise(setImmediate);

describe('a private Asterisk that dies', () => {
  let seconds = 0;
  let starts = 0;
  let told: string[] = [];
  let die: () => void = () => {};
  let startsNoMore = false;

  async function run(): Promise<KeptAsterisk<Pick<PrivateAsterisk, 'ended' | 'close'>>> {
    [seconds, starts, told, startsNoMore] = [0, 0, [], false];
    return keepRunning({
      async start() {
        if (startsNoMore) throw new Error('it does not start');
        starts++;
        const ended = new Promise<void>((resolve) => (die = resolve));
        return { ended, close: async () => die() };
      },
      logFile: '/var/log/of-asterisk',
      onDeath: () => told.push('died'),
      onRestart: () => told.push('back'),
      now: () => seconds * 1000,
    });
  }

  async function diesAt(at: number): Promise<void> {
    seconds = at;
    die();
    await turn();
  }

  it('is started again, however often, as long as it does not die three times within a minute', async () => {
    const kept = await run();
    for (const at of [10, 40, 71, 101, 132]) await diesAt(at);
    expect(starts).to.equal(6);
    expect(told.slice(0, 4)).to.deep.equal(['died', 'back', 'died', 'back']);
    await kept.close();
    expect(starts).to.equal(6);
  });

  it('is given up when it dies for the third time within a minute, with the name of its log', async () => {
    const kept = await run();
    const why = kept.givenUp.catch((error: unknown) => String(error));
    for (const at of [100, 110, 120]) await diesAt(at);
    expect(await why).to.match(/died 3 times within a minute .*\/var\/log\/of-asterisk/);
    expect(starts).to.equal(3);
    await kept.close();
  });

  it('is given up when it cannot be started again', async () => {
    const kept = await run();
    const why = kept.givenUp.catch((error: unknown) => String(error));
    startsNoMore = true;
    await diesAt(100);
    expect(await why).to.include('it does not start');
    await kept.close();
  });
});
