import { expect } from 'chai';
import { addTenant, showTenant } from '../../src/administration/tenants.ts';
import { moveDevice } from '../../src/administration/whoseDevice.ts';
import { credentialIn } from '../../src/domain/accounts.ts';
import { createLog } from '../../src/log.ts';
import { answerRequest, type AnswerNeeds } from '../../src/provisioning/files/answerRequest.ts';
import type { FileRequest } from '../../src/provisioning/files/serveFile.ts';
import { listenTftp, type TftpListener } from '../../src/tftp/listenTftp.ts';
import { answerNeeds } from '../support/answerNeeds.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { gate } from '../support/gate.ts';
import { tftpGet } from '../../src/virtualPhone/tftpClient.ts';
import { HOME } from '../support/steps.ts';
import { waitFor } from '../support/wait.ts';

const MAC = '001565aabb01';
const STRANGER = '192.0.2.66';

/** A phone that has read a file whole has an account that exists: else it stays dumb until somebody restarts it. */
describe('A new phone that fetches by TFTP, while somebody else asks for its file', () => {
  let core: TestCore;
  let tftp: TftpListener;
  let needs: AnswerNeeds;
  /** Done once the phone's request has been answered and before its transfer is over. */
  let meanwhile: () => Promise<unknown>;

  beforeEach(async () => {
    core = await openTestCore();
    meanwhile = async () => undefined;
    needs = answerNeeds(core);
    tftp = await listenTftp({
      host: '127.0.0.1',
      port: 0,
      log: createLog('silent'),
      async answer(request) {
        const answer = await answerRequest(needs, request);
        await meanwhile();
        return answer;
      },
    });
  });
  afterEach(async () => {
    await tftp.close();
    await core.close();
  });

  async function http(address: string): Promise<void> {
    const request: FileRequest = {
      ...{ path: `/${MAC}.cfg`, method: 'GET', transport: 'http', userAgent: 'Yealink SIP-T46S 66.86.0.15' },
      claim: { token: null, address },
    };
    const answer = await answerRequest(needs, request);
    if (answer?.kind === 'rendered') await answer.delivered?.();
  }

  /** Resolves when the phone is registered with what stands in the file: it tries again, as phones do. */
  async function registersWith(file: string): Promise<void> {
    const value = (name: string): string => new RegExp(`^account\\.1\\.${name} = (.+)$`, 'm').exec(file)?.[1] ?? '';
    const account = { user: value('user_name'), authName: value('auth_name'), password: value('password') };
    const phone = { address: HOME, port: 5060, viaAddress: HOME, viaPort: 5060, callId: 'x', userAgent: 'x' };
    const register = async (): Promise<boolean> =>
      (await core.registrar.register({ ...account, ...phone, expires: 600 })) === 200;
    await waitFor(register, { what: 'a REGISTER with the account in the file', limit: 2000 });
  }
  const fetchByTftp = async (): Promise<string> =>
    (await tftpGet({ port: tftp.port, name: `${MAC}.cfg` })).body.toString();

  it('can register with the account in it when nobody asks', async () => {
    await registersWith(await fetchByTftp());
  });

  it('can register with it when somebody else asks by HTTP in that moment', async () => {
    meanwhile = () => http(STRANGER);
    await registersWith(await fetchByTftp());
  });

  it('can register with it when it is moved to another tenant in that moment, or removed there', async () => {
    const acme = await addTenant(core, { id: 'acme', realm: 'acme.example' });
    await http(STRANGER);
    meanwhile = () => moveDevice(core, MAC, 'acme');
    await registersWith(await fetchByTftp());
    for (const line of await core.store.lines(MAC)) expect(line, line.authName).to.include(credentialIn(acme, line));
    meanwhile = () => core.store.removeDevice(MAC);
    await core.store.removeDevice(MAC);
    await http(STRANGER);
    await moveDevice(core, MAC, 'acme');
    await http(STRANGER);
    await registersWith(await fetchByTftp());
    const tenant = await showTenant(core, (await core.store.device(MAC))?.tenantId ?? '');
    for (const line of await core.store.lines(MAC)) expect(line, line.authName).to.include(credentialIn(tenant, line));
  });

  it('can register with it when its own second request overlaps', async () => {
    const bothAnswered = gate();
    let answered = 0;
    meanwhile = async () => {
      if (++answered === 2) bothAnswered.resolve();
      await bothAnswered.promise;
    };
    const [one, two] = await Promise.all([fetchByTftp(), fetchByTftp()]);
    await registersWith(one);
    await registersWith(two);
  });
});
