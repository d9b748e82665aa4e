import { expect } from 'chai';
import { inspect } from 'node:util';
import { Secret } from '../../src/domain/secret.ts';
import { createLog } from '../../src/log.ts';

describe('A secret', () => {
  const secret = new Secret('hunter2');
  const line = { account: 'phone-001565aabbcc', inner: { secret } };

  it('does not show when printed, joined to text, inspected or made JSON', () => {
    for (const shown of [String(secret), `${secret}`, inspect(line), JSON.stringify(line)]) {
      expect(shown).to.contain('[secret]').and.not.contain('hunter2');
    }
  });

  it('does not show in the log, wherever it lies in what is logged', () => {
    const lines: string[] = [];
    const log = createLog('info', { write: (text: string) => void lines.push(text) });
    log.info({ line, list: [secret] }, 'accepted');
    log.error({ err: Object.assign(new Error('no'), { secret, request: { password: 'hunter2' } }) }, 'failed');
    log.info({ password: 'hunter2', user: { token: 'hunter2' } }, 'from a library');
    expect(lines).to.have.length(3);
    expect(lines.join('')).to.contain('phone-001565aabbcc').and.not.contain('hunter2');
  });

  it('can be revealed on purpose', () => {
    expect(secret.reveal()).to.equal('hunter2');
  });
});
