import { expect } from 'chai';
import { fewLines } from '../../src/http/fewLines.ts';
import { createLog } from '../../src/log.ts';

describe('A log of what anybody can cause', () => {
  it('has a few lines for each address, and for very many addresses no more', () => {
    const log: Record<string, unknown>[] = [];
    const lines = fewLines(
      createLog('info', { write: (line) => void log.push(JSON.parse(line) as Record<string, unknown>) }),
      { perAddress: 2, addresses: 3 },
    );
    for (let host = 0; host < 200; host++)
      for (let times = 0; times < 5; times++) lines.info(`10.0.0.${host}`, { reason: 'x' }, 'request refused');
    expect(log).to.have.length(4 * 2);
    expect(log.at(-1)).to.include({ address: '10.0.0.3', reason: 'x' });
    lines.flush();
    expect(log.slice(8).map(({ address, leftOut }) => [address, leftOut])).to.deep.equal([
      ['10.0.0.0', 3],
      ['10.0.0.1', 3],
      ['10.0.0.2', 3],
      ['other addresses', 197 * 5 - 2],
    ]);
    lines.info('10.0.0.0', {}, 'request refused');
    expect(log).to.have.length(13);
    lines.flush();
    expect(log).to.have.length(13);
  });
});
