import { expect } from 'chai';
import { readConfig } from '../../src/config.ts';
import { startAll } from '../../src/startAll.ts';
import { refusalOf } from '../support/refusal.ts';

describe('A private Asterisk', () => {
  it('is not started with fewer RTP ports than calls can take, and it is said how many it takes', async () => {
    const config = readConfig({ SELFPROV_RTP_PORTS: '12000-12030', SELFPROV_CALLS: '8' });
    const { code, message } = await refusalOf(startAll(config, Promise.resolve()));
    expect(code).to.equal('invalid');
    expect(message).to.contain('12000-12031');
  });
});
