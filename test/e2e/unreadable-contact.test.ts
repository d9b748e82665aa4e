import { expect } from 'chai';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { addUser } from '../../src/administration/users.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { watchRegistrations } from '../../src/provisioning/handOver/registrationWatch.ts';
import type { TestCore } from '../support/core.ts';
import { openAsteriskBench, type AsteriskBench } from '../support/asteriskBench.ts';
import { digestOf, headerOf } from '../../src/virtualPhone/sipText.ts';
import { assign, enrol } from '../support/steps.ts';

/** On a real Asterisk. Whoever asks for the file of a MAC has an account to register with. */
describe('A stranger who registers with a contact that is no text', function () {
  this.timeout(60_000);
  let bench: AsteriskBench;
  before(async () => {
    bench = await openAsteriskBench();
  });
  after(() => bench.close());

  const contacts: Readonly<Record<string, (place: string) => string>> = {
    'a quoted parameter that is no UTF-8': (place) => `<sip:x@${place};a="\xff">`,
    'as the second of two contacts': (place) => `<sip:x@${place}>;expires=0,<sip:x@${place};a="\xff">`,
  };
  let next = 0;
  for (const [what, contactAt] of Object.entries(contacts)) {
    it(`does not keep selfprov from reading the registrations of all the others: ${what}`, async () => {
      const line = await enrol(bench.core, `001565aabb0${++next}`, '127.0.0.7');
      const { endpoint, authName, secret } = line;
      const socket = createSocket('udp4').bind(0, '127.0.0.7').unref();
      await once(socket, 'listening');
      const { port } = socket.address();
      let cseq = 0;
      const register = async (authorization: string): Promise<string> => {
        cseq++;
        const message = [
          'REGISTER sip:127.0.0.1 SIP/2.0',
          `Via: SIP/2.0/UDP 127.0.0.7:${port};branch=z9hG4bK${cseq}x${port};rport`,
          'Max-Forwards: 70',
          `From: <sip:${endpoint}@127.0.0.1>;tag=a`,
          `To: <sip:${endpoint}@127.0.0.1>`,
          `Call-ID: ${port}`,
          `CSeq: ${cseq} REGISTER`,
          `Contact: ${contactAt(`127.0.0.7:${port}`)};expires=60`,
          ...(authorization === '' ? [] : [`Authorization: ${authorization}`]),
          'Content-Length: 0\r\n\r\n',
        ].join('\r\n');
        socket.send(Buffer.from(message, 'latin1'), bench.sipPort, '127.0.0.1');
        const [answer] = (await once(socket, 'message', { signal: AbortSignal.timeout(2000) })) as [Buffer];
        return answer.toString('latin1');
      };
      const challenge = headerOf(await register(''), 'WWW-Authenticate');
      const request = { method: 'REGISTER', uri: 'sip:127.0.0.1' };
      const answer = await register(digestOf(challenge, { authName, password: secret.reveal() }, request));
      socket.close();
      const outcome = await bench.registrar.allContacts(null).then(
        () => 'read',
        (error: Error) => `${error.name}: ${error.message.replace(/\s+/g, ' ')}`,
      );

      // selfprov is started again, or loses AMI for a moment; then a user sets up a phone.
      const watch = watchRegistrations({ ...bench.core, registrar: bench.registrar });
      await watch.compare().catch(() => undefined);
      const ports = { ...bench.core, registrar: bench.registrar, knowsAll: watch.knowsAll };
      const mac = `001565aacc0${next}`;
      await enrol(bench.core, mac, '127.0.0.8');
      const { user } = await addUser(bench.core, { tenantId: 'default', extension: `150${next}`, name: 'Ann' });
      await assign({ ...ports, registrar: bench.registrar as TestCore['registrar'] }, mac, user.id, '127.0.0.8');
      for (let minutes = 0; minutes < 60; minutes += 5) {
        bench.core.pass(300_000);
        await watch.compare().catch(() => undefined);
        await driveHandOvers(ports, () => undefined);
      }
      const handOver = await bench.core.store.handOver(mac, 1);
      await bench.cli('database deltree registrar');
      expect(answer.slice(0, 11)).to.equal('SIP/2.0 200');
      expect({ outcome, told: (handOver?.attempts ?? 0) > 0 }).to.deep.equal({ outcome: 'read', told: true });
    });
  }
});
