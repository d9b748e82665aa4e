import { expect } from 'chai';
import { readConfig } from '../../src/config.ts';
import { startAll } from '../../src/startAll.ts';
import { refusalOf } from '../support/refusal.ts';

const NOT_LONG = { stop: Promise.resolve(), onSignal: () => undefined };

describe('A private Asterisk', () => {
  it('is not started with fewer RTP ports than calls can take, and it is said how many it takes', async () => {
    const config = readConfig({ SELFPROV_RTP_PORTS: '12000-12030', SELFPROV_CALLS: '8' });
    const { code, message } = await refusalOf(startAll(config, NOT_LONG));
    expect(code).to.equal('invalid');
    expect(message).to.contain('12000-12031');
  });

  it('is not started with a certificate that no phone would believe, and one line names the setting', async () => {
    const config = readConfig({ SELFPROV_SIP_TLS_CERT: '/nowhere/cert.pem', SELFPROV_SIP_TLS_KEY: '/nowhere/key.pem' });
    const { code, message } = await refusalOf(startAll(config, NOT_LONG));
    expect(code).to.equal('invalid');
    expect(message).to.match(/^SELFPROV_SIP_TLS_CERT: .*\/nowhere\/cert\.pem.*$/);
  });

  it('is not started with a folder of prompts that is not there, as callers would hear nothing', async () => {
    const { code, message } = await refusalOf(startAll(readConfig({ SELFPROV_SOUNDS: '/nowhere' }), NOT_LONG));
    expect(code).to.equal('invalid');
    expect(message).to.match(/^SELFPROV_SOUNDS: .*\/nowhere/);
  });

  it('has its database in one place, and no password of it is in what is said', () => {
    const said = (environment: Record<string, string>): string => {
      try {
        readConfig(environment);
        return '';
      } catch (error) {
        return String(error);
      }
    };
    const url = 'postgresql://selfprov:sesame@db.example/phones';
    expect(said({ SELFPROV_DATABASE_URL: url })).to.equal('');
    expect(said({ SELFPROV_DATABASE_URL: url, SELFPROV_DATABASE: 'a.sqlite' })).to.contain(
      'SELFPROV_DATABASE: not beside',
    );
    expect(said({ SELFPROV_ASTERISK_DATABASE_URL: url })).to.contain('SELFPROV_ASTERISK_DATABASE_URL: of no use');
    for (const wrong of ['mysql://selfprov:sesame@db.example/phones', 'postgresql://selfprov:sesame@db.example']) {
      expect(said({ SELFPROV_DATABASE_URL: wrong }))
        .to.contain('SELFPROV_DATABASE_URL')
        .and.not.to.contain('sesame');
    }
  });

  it('listens for TLS on the port beside the one of SIP, unless told otherwise', () => {
    expect(readConfig({ SELFPROV_SIP_PORT: '5080' }).sip.tlsPort).to.equal(5081);
    expect(readConfig({ SELFPROV_SIP_PORT: '5080', SELFPROV_SIP_TLS_PORT: '443' }).sip.tlsPort).to.equal(443);
  });
});
