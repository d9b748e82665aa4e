import { expect } from 'chai';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createLog } from '../../src/log.ts';
import { listenPnp, type PnpListener, type PnpSettings } from '../../src/pnp/listenPnp.ts';
import type { PnpPhone as Asking } from '../../src/pnp/subscription.ts';
import { freePort } from '../support/freePorts.ts';
import { ownAddress } from '../../src/virtualPhone/loopback.ts';
import { pnpPhone, subscribe, type PnpPhone } from '../support/pnpPhone.ts';
import { PNP_REQUESTS } from '../support/pnpRequests.ts';
import { staysTrue, waitFor, within } from '../support/wait.ts';

const GROUP = '224.0.1.75';
const URL = 'http://192.0.2.1:8480/';

describe('A phone that looks for its provisioning server by plug and play', () => {
  let server: PnpListener;
  let phone: PnpPhone;
  let address: string;
  let group: string;
  let asked: Asking[];
  let log: string;

  async function start(settings: Partial<PnpSettings> = {}, status?: number): Promise<void> {
    server = await listenPnp({
      address,
      group,
      port: await freePort(group === GROUP ? address : group),
      // As SIP has it: a machine that is busy for a moment gets nothing twice.
      t1: 500,
      log: createLog('info', { write: (line) => void (log += line) }),
      async urlFor(who) {
        asked.push(who);
        return URL;
      },
      ...settings,
    });
    phone = await pnpPhone(address, status);
  }

  const send = (bytes: Buffer | string): void => phone.send(Buffer.from(bytes), { address: group, port: server.port });
  const ask = (spelling: Parameters<typeof subscribe>[0] | object = {}): void =>
    send(subscribe({ address, port: phone.port, ...spelling }));
  const received = (start: string, count = 1): Promise<readonly string[]> =>
    waitFor(
      () => {
        const found = phone.got.filter((text) => text.startsWith(start));
        return found.length >= count && found;
      },
      { what: () => `${count} × ${start} (got ${phone.got.join('\n')})` },
    );
  const ended = (outcome: string): Promise<unknown> =>
    waitFor(() => log.includes(`"outcome":"${outcome}"`), { what: `outcome ${outcome}` });

  beforeEach(() => {
    [asked, log, address, group] = [[], '', ownAddress(), GROUP];
  });
  afterEach(async () => {
    await server.close();
    await phone.close();
  });

  for (const [maker, { lines, phone: who }] of Object.entries(PNP_REQUESTS)) {
    it(`is told the URL when it asks the group as these do: ${maker}`, async () => {
      await start({}, 200);
      send([...lines(`${address}:${phone.port}`), '', ''].join('\r\n'));
      const [notify = ''] = await received('NOTIFY');
      expect(phone.got[0]).to.match(/^SIP\/2\.0 200 OK\r\n/);
      expect(notify.split('\r\n\r\n')[1]).to.equal(URL);
      expect(notify).to.include(
        `\r\n${lines('')
          .find((line) => line.startsWith('Event:'))
          ?.replace(/^Event: */, 'Event: ')}\r\n`,
      );
      expect(asked).to.deep.equal([{ ...who, address }]);
      await ended('accepted');
      expect(phone.got).to.have.length(2);
    });
  }

  it('is told the URL when it asks our own address', async () => {
    group = ownAddress();
    await start({}, 200);
    ask();
    await received('NOTIFY');
    await ended('accepted');
  });

  it('gets NOTIFY again, more slowly each time, until it answers or is given up', async () => {
    await start({ t1: 20 });
    ask();
    await ended('silent');
    const notifies = await received('NOTIFY');
    expect(new Set(notifies).size).to.equal(1);
    // At 0, 1, 3, 7, 15 and then every 8 T1, up to 64 T1.
    expect(notifies.length).to.be.within(9, 12);
    expect(await received('SIP/2.0 200')).to.have.length(1);
  });

  it('is noted when it refuses', async () => {
    await start({}, 481);
    ask();
    await ended('refused');
    expect(await received('NOTIFY')).to.have.length(1);
  });

  it('gets the same 200 again, and no second exchange, when it repeats its request', async () => {
    await start({}, 200);
    ask();
    await received('NOTIFY');
    ask();
    const [first, second] = await received('SIP/2.0 200', 2);
    expect(second).to.equal(first);
    expect(asked).to.have.length(1);
    ask({ callId: 'another' });
    await received('NOTIFY', 2);
    expect(asked).to.have.length(2);
  });

  it('gets no answer when there is no URL for it, or none can be found', async () => {
    let tries = 0;
    await start(
      { urlFor: () => (tries++ === 0 ? Promise.resolve(undefined) : Promise.reject(new Error('away'))) },
      200,
    );
    ask();
    await ended('ignored');
    ask({ callId: 'another' });
    await waitFor(() => log.includes('"message":"away"'), { what: 'the error in the log' });
    expect(phone.got).to.deep.equal([]);
  });

  it('is asked from where it cannot be answered by others', async () => {
    await start({ t1: 50 });
    ask();
    const [notify = ''] = await received('NOTIFY');
    const port = Number(/^Via: .*?:(\d+);/m.exec(notify)?.[1]);
    const stranger = await pnpPhone(ownAddress(), undefined);
    stranger.send(Buffer.from(notify.replace(/^NOTIFY .*/, 'SIP/2.0 200 OK')), { address, port });
    await received('NOTIFY', 3);
    expect(log).to.equal('');
    await stranger.close();
  });

  it('gets only so many answers', async () => {
    await start({}, 200);
    for (let number = 0; number < 40; number++) ask({ callId: String(number) });
    await received('NOTIFY', 16);
    await staysTrue(() => asked.length === 16, { what: 'the number of exchanges', limit: 200 });
  });

  it('is the only one that is answered: everything else stays unanswered', async () => {
    await start({}, 200);
    for (const method of ['OPTIONS', 'REGISTER', 'INVITE', 'PUBLISH', 'ACK']) ask({ method });
    for (const event of ['presence', 'message-summary', 'ua-profile2']) ask({ event });
    for (const text of [
      '',
      '\r\n\r\n',
      'SUBSCRIBE',
      'SUBSCRIBE sip:x SIP/2.0\r\n\r\n',
      'SIP/2.0 200 OK\r\n\r\n',
      '\0'.repeat(500),
      'x'.repeat(9000),
    ])
      send(text);
    ask({ callId: 'last' });
    await received('NOTIFY');
    expect(phone.got).to.have.length(2);
  });

  it('is not waited for when the server is closed', async () => {
    await start();
    ask();
    await received('NOTIFY');
    await within(server.close(), { what: 'the end', limit: 500 });
    await phone.close();
    await start();
  });

  it('cannot ask where another program has the port', async () => {
    await start();
    const other = createSocket('udp4');
    other.bind(await freePort(), GROUP);
    await once(other, 'listening');
    const { port } = other.address();
    const second = listenPnp({ address, port, log: createLog('silent'), urlFor: () => Promise.resolve(undefined) });
    expect(await second.catch((error: unknown) => error)).to.have.property('code', 'unavailable');
    await new Promise<void>((done) => other.close(done));
  });
});
