import { Writable } from 'node:stream';
import { expect } from 'chai';
import { keepConnected, type Connection } from '../../src/link/link.ts';
import type { ConnectionEnd } from '../../src/link/ending.ts';
import { createLog } from '../../src/log.ts';
import { waitFor } from '../support/wait.ts';

describe('A link that goes down', () => {
  /** What is logged of it: level and what ended it. */
  async function logged(isEnding: boolean): Promise<readonly string[]> {
    const lines: string[] = [];
    const into = new Writable({ write: (line: Buffer, _, done) => (lines.push(line.toString()), done()) });
    const ends: ((end: ConnectionEnd) => void)[] = [];
    const [ending, signal] = [new AbortController(), new AbortController()];
    const link = keepConnected<Connection>({
      ...{ name: 'AMI', log: createLog('info', into), ending: ending.signal, signal: signal.signal },
      async open() {
        if (ends.length > 0) throw new Error('nobody is there');
        return { ended: new Promise((resolve) => ends.push(resolve)), close: () => undefined };
      },
    });
    await waitFor(() => ends.length > 0, { what: 'the connection' });
    if (isEnding) ending.abort();
    ends[0]?.({ reason: 'Asterisk has ended' });
    await waitFor(() => link.state().error === (isEnding ? 'Asterisk has ended' : 'nobody is there'), {
      what: 'its end',
    });
    signal.abort();
    await link.close();
    return lines
      .map((line) => JSON.parse(line) as { level: string; state: string; error: string })
      .filter(({ state }) => state === 'down')
      .map(({ level, error }) => `${level} ${error}`);
  }

  it('is warned of, with why it does not come up again', async () => {
    expect(await logged(false)).to.deep.equal(['warn Asterisk has ended', 'warn nobody is there']);
  });

  it('while selfprov is being stopped is told once, and nobody is warned', async () => {
    expect(await logged(true)).to.deep.equal(['info Asterisk has ended']);
  });
});
