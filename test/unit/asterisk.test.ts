import { expect } from 'chai';
import fc from 'fast-check';
import { pino } from 'pino';
import { readAuthentication } from '../../src/asterisk/ami/authentication.ts';
import type { Ari } from '../../src/asterisk/ari/ari.ts';
import { channelCall, type ChannelCall } from '../../src/asterisk/calls/channelCall.ts';
import { backOff } from '../../src/link/link.ts';
import { sentByOf, userNameOf } from '../../src/asterisk/calls/calls.ts';
import { notifyVariables } from '../../src/asterisk/registrar/registrar.ts';
import { hostOf } from '../../src/domain/addresses.ts';
import { CallEnded, type Voice } from '../../src/ivr/call.ts';

describe('the pause before the next attempt to connect', () => {
  it('doubles from a quarter of a second up to 15 seconds', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 1000].map((failures) => backOff(failures, 0.5));
    expect(pauses).to.deep.equal([250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  });

  it('differs by up to a fifth, so that many do not come at once', () => {
    expect([backOff(3, 0), backOff(3, 1)]).to.deep.equal([800, 1200]);
  });
});

describe('the digest user name of a call', () => {
  for (const [header, name] of [
    ['Digest username="1500-a",realm="x",nonce="y"', '1500-a'],
    ['Digest realm="x", username="1500-a", uri="sip:1"', '1500-a'],
    ['digest  realm="x",username = "a\\"b\\\\c, d"', 'a"b\\c, d'],
    ['Digest realm="username=\\"planted\\"", username="real"', 'real'],
    ['Digest xusername="other", username="real"', 'real'],
    ['Digest username=""', ''],
  ] as const) {
    it(`is ${JSON.stringify(name)} in ${header}`, () => expect(userNameOf(header)).to.equal(name));
  }

  for (const header of [
    '',
    'Basic username="x"',
    'Digest realm="x"',
    'Digest username="not closed',
    'Digest username="one", username="two"',
    'Digest realm=" username=", x="y"',
  ])
    it(`is none in ${JSON.stringify(header)}`, () => expect(userNameOf(header)).to.equal(null));
});

const FACTS = { endpoint: '1500', authName: null, contact: null, address: null, dialled: null, identity: null };

/** In /sounds English has digits, in /acme Dutch. */
function sessionWith(play: Ari['play']): ChannelCall {
  return channelCall({
    ari: { play } as Ari,
    channel: 'c',
    soundsPath: '/sounds',
    language: 'en',
    hasDigits: (folder, language) => ['/sounds/en', '/acme/nl'].includes(`${folder}/${language}`),
    limits: { firstDigitMs: 1000, interDigitMs: 1000, callMs: 1000, playbackMs: 1000, hangUpMs: 1000 },
    isAlive: () => true,
    log: pino({ level: 'silent' }),
  });
}

describe('digits that a caller hears', () => {
  async function heard(digits: string, voice?: Voice): Promise<readonly string[]> {
    let played: readonly string[] = [];
    const session = sessionWith(async (_channel, id, media) => {
      played = media;
      session.onEvent({ type: 'PlaybackFinished', playback: { id, state: 'done' } });
    });
    const call = session.call(FACTS);
    if (voice !== undefined) call.speak(voice);
    await call.say('extension-is', { digits });
    return played;
  }

  it('are said by the voice that says the rest, where its language has digits', async () => {
    expect(await heard('150')).to.deep.equal([
      'sound:/sounds/en/extension-is',
      'sound:/sounds/en/digit-1',
      'sound:/sounds/en/digit-5',
      'sound:/sounds/en/digit-0',
    ]);
    expect(await heard('7', { language: 'nl', sounds: '/acme' })).to.deep.equal([
      'sound:/acme/nl/extension-is',
      'sound:/acme/nl/digit-7',
    ]);
  });

  it('are those of Asterisk in a language without, and in a folder without', async () => {
    expect(await heard('150', { language: 'nl', sounds: null })).to.deep.equal([
      'sound:/sounds/nl/extension-is',
      'digits:150',
    ]);
    expect(await heard('150', { language: 'en', sounds: '/acme' })).to.deep.equal([
      'sound:/acme/en/extension-is',
      'digits:150',
    ]);
  });

  it('are said with star and pound by the same voice', async () => {
    expect(await heard('*5#')).to.deep.equal([
      'sound:/sounds/en/extension-is',
      'sound:/sounds/en/key-star',
      'sound:/sounds/en/digit-5',
      'sound:/sounds/en/key-pound',
    ]);
    expect(await heard('*5', { language: 'nl', sounds: null })).to.deep.equal([
      'sound:/sounds/nl/extension-is',
      'digits:*5',
    ]);
  });

  it('are those of Asterisk when there are none, or something else', async () => {
    expect(await heard('a5')).to.deep.equal(['sound:/sounds/en/extension-is', 'digits:a5']);
    expect(await heard('')).to.deep.equal(['sound:/sounds/en/extension-is', 'digits:']);
  });
});

describe('a word that is cut short because the caller hangs up', () => {
  it('ends with CallEnded, although the end of its playback is told before the end of the call', async () => {
    let playback = '';
    const session = sessionWith(async (_channel, id) => void (playback = id));
    const said = session
      .call(FACTS)
      .say('welcome')
      .catch((error: unknown) => error);
    // Each comes in a turn of its own, as on a slow network.
    for (const event of [
      { type: 'ChannelHangupRequest' },
      { type: 'PlaybackFinished', playback: { id: playback, state: 'failed', media_uri: 'sound:welcome' } },
      { type: 'StasisEnd' },
    ]) {
      session.onEvent(event);
      await new Promise(setImmediate);
    }
    expect(await said).to.be.instanceOf(CallEnded);
  });
});

describe('the event that a phone has proven who it is', () => {
  const event = { event: 'SuccessfulAuth', service: 'PJSIP', accountid: '1500', sessionid: 'a@b' };

  for (const [remoteaddress, address] of [
    ['IPV4/UDP/192.0.2.1/5061', '192.0.2.1'],
    ['IPV6/TCP/2001:db8::1/5061', '2001:db8::1'],
    ['IPV6/TCP/[2001:db8::1]/5061', '2001:db8::1'],
  ] as const) {
    it(`comes from ${address} when Asterisk says ${remoteaddress}`, () =>
      expect(readAuthentication({ ...event, remoteaddress })).to.deep.equal({
        isProven: true,
        endpoint: '1500',
        callId: 'a@b',
        address,
        port: 5061,
      }));
  }

  it('is none of another service', () => {
    expect(readAuthentication({ ...event, service: 'AMI' })).to.equal(undefined);
    expect(readAuthentication({ ...event, event: 'InvalidPassword' })).to.equal(undefined);
  });
});

describe('the host of a contact', () => {
  for (const [uri, host] of [
    ['sip:1500@192.0.2.1:5060', '192.0.2.1'],
    ['sip:1500@192.0.2.1;transport=TCP', '192.0.2.1'],
    ['sips:192.0.2.1', '192.0.2.1'],
    ['sip:a%40b@[2001:db8::1]:5060;ob', '2001:db8::1'],
    ['nonsense', ''],
  ] as const) {
    it(`is ${host || 'nothing'} in ${uri}`, () => expect(hostOf(uri)).to.equal(host));
  }
});

describe('the variables of a NOTIFY', () => {
  /** As Asterisk takes them apart: commas separate, a backslash takes the meaning from what follows. */
  function takenApart(variables: string): string[] {
    const parts = [''];
    for (let at = 0; at < variables.length; at++) {
      const character = variables[at] ?? '';
      if (character === ',') parts.push('');
      else parts.push(`${parts.pop() ?? ''}${character === '\\' ? (variables[(at += 1)] ?? '') : character}`);
    }
    return parts;
  }

  it('are what was given, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.array(fc.string()), (event, contentType, texts) => {
        const lines = texts.length === 0 ? [''] : texts.map((text) => text.replace(/[\r\n]/g, ''));
        const variables = notifyVariables({ event, contentType, body: lines.join('\r\n') });
        expect(takenApart(variables)).to.deep.equal([
          `Event=${event}`,
          `Content-Type=${contentType}`,
          ...lines.map((line) => `Content=${line}`),
        ]);
      }),
    );
  });

  it('are the event alone when there is no body', () => {
    expect(notifyVariables({ event: 'check-sync;reboot=true', contentType: null, body: null })).to.equal(
      'Event=check-sync\\;reboot=true',
    );
  });
});

describe('where the sender of a request believes to be', () => {
  for (const [via, sentBy] of [
    ['SIP/2.0/UDP 192.168.1.10:5062;branch=z9hG4bK1;rport=40000;received=203.0.113.1', ['192.168.1.10', 5062]],
    ['SIP/2.0/TCP phone.example;branch=z9hG4bK1', ['phone.example', 5060]],
    ['SIP / 2.0 / TLS [2001:db8::1]:5065;branch=z', ['2001:db8::1', 5065]],
    ['SIP/2.0/TLS 192.168.1.10;branch=z9hG4bK1', ['192.168.1.10', 5061]],
    ['nonsense', undefined],
    ['', undefined],
  ] as const) {
    it(`is ${sentBy?.join(' port ') ?? 'nowhere'} in ${via || 'nothing'}`, () => {
      const read = sentByOf(via);
      expect(read && [read.viaAddress, read.viaPort]).to.deep.equal(sentBy);
    });
  }
});
