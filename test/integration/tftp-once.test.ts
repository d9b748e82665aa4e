import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { expect } from 'chai';
import { addDevice } from '../../src/administration/devices.ts';
import { changeTenant } from '../../src/administration/tenants.ts';
import { addUser } from '../../src/administration/users.ts';
import { createLog } from '../../src/log.ts';
import { answerRequest } from '../../src/provisioning/files/answerRequest.ts';
import { listenTftp, type TftpListener } from '../../src/tftp/listenTftp.ts';
import { answerNeeds } from '../support/answerNeeds.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { shippedFamilies } from '../support/phoneFacts.ts';
import { ack, readRequest, tftpGet } from '../../src/virtualPhone/tftpClient.ts';
import { waitFor } from '../support/wait.ts';

const MAC = '001565aabb01';

describe('A network in which a MAC is proof once', () => {
  let core: TestCore;
  let tftp: TftpListener;
  beforeEach(async () => {
    core = await openTestCore();
    const texts = { inventoryProof: 'network', trustedNetworks: '127.0.0.0/8' };
    await changeTenant(core, 'default', { texts });
    await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    const facts = { families: shippedFamilies, openUrl: () => 'http://prov.example/' };
    await addDevice(core, facts, { mac: MAC, tenantId: 'default', family: 'yealink', users: { 1: '1500' } });
    const needs = answerNeeds(core);
    const answer = (request: Parameters<typeof answerRequest>[1]): ReturnType<typeof answerRequest> =>
      answerRequest(needs, request);
    tftp = await listenTftp({ host: '127.0.0.1', port: 0, log: createLog('silent'), answer });
  });
  afterEach(async () => {
    await tftp.close();
    await core.close();
  });

  async function isNoted(): Promise<void> {
    const isServed = async (): Promise<boolean> => (await core.store.lines(MAC))[0]?.address === '127.0.0.1';
    await waitFor(isServed, { what: 'a trace of the transfer' });
  }

  it('gives a user’s file by TFTP to nobody twice, also when the last block is never acknowledged', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1').unref();
    await once(socket, 'listening');
    const answers: string[] = [];
    socket.on('message', (bytes: Buffer, from: RemoteInfo) => {
      answers.push(bytes.toString());
      // The options are taken, the file is not said to have come.
      if (bytes.readUInt16BE(0) === 6) socket.send(ack(0), from.port, from.address);
    });
    socket.send(readRequest({ name: `${MAC}.cfg`, options: { blksize: 65_000 } }), tftp.port, '127.0.0.1');
    const isStolen = (): boolean => answers.some((answer) => answer.includes('account.1.user_name = 1500'));
    await waitFor(isStolen, { what: 'the file' });
    await isNoted();
    socket.close();
    const again = await tftpGet({ port: tftp.port, name: `${MAC}.cfg` }).catch((error: Error) => error.message);
    expect(again).to.match(/not found/i);
  });

  it('gives it whole to the phone itself', async () => {
    const { body } = await tftpGet({ port: tftp.port, name: `${MAC}.cfg` });
    expect(body.toString()).to.contain('account.1.user_name = 1500');
    await isNoted();
  });
});
