import { expect } from 'chai';
import { changeTemplate, DEVICE_TEMPLATES } from '../../src/administration/templates.ts';
import type { GivenFile } from '../../src/domain/device.ts';
import { orNotFound } from '../../src/domain/orNotFound.ts';
import { fastPath, type FastPath } from '../../src/provisioning/fast/fastPath.ts';
import { answerRequest, type AnswerNeeds } from '../../src/provisioning/files/answerRequest.ts';
import { fileChanges, type FileSinceFetched } from '../../src/provisioning/files/fileChanges.ts';
import { unpackText } from '../../src/provisioning/files/given.ts';
import type { FileRequest } from '../../src/provisioning/files/serveFile.ts';
import { createLog } from '../../src/log.ts';
import { removeDevice } from '../../src/provisioning/handOver/removeDevice.ts';
import { answerNeeds } from '../support/answerNeeds.ts';
import { command } from '../support/command.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { manyDevices } from '../support/manyDevices.ts';
import { waitFor } from '../support/wait.ts';

const NAME = '{mac}.cfg';
const NOBODYS = '001565aabb01';

describe('What a device has fetched', () => {
  let core: TestCore;
  let needs: AnswerNeeds;
  let fast: FastPath;
  let mac: string;
  let address: string;
  const failures: unknown[] = [];

  let listening: { close(): Promise<void> };

  beforeEach(async () => {
    core = await openTestCore();
    listening = core.listen(() => undefined, createLog('silent'));
    const plain = answerNeeds(core);
    fast = fastPath({ ...plain, snapshots: core.snapshots, failed: (error) => failures.push(error), lookEvery: 0 });
    needs = { ...plain, store: fast.atHand(core.store), fill: fast.fill, noteGiven: fast.noteGiven };
    const [phone] = await manyDevices(core, 1, { register: false });
    ({ mac, address } = orNotFound(phone, 'phone'));
    const isHeard = async (): Promise<boolean> => {
      await core.snapshots.prepare?.(null);
      return core.snapshots.isReady();
    };
    await waitFor(isHeard, { what: 'hearing of changes' });
  });
  afterEach(async () => {
    await listening.close();
    await fast.close();
    await core.close();
    expect(failures).to.deep.equal([]);
  });

  /** As a listener has it answered; says by which way. */
  async function fetchFile(of: string, from: string, method = 'GET', withToken = true): Promise<'fast' | 'slow'> {
    const [line] = await core.store.lines(of);
    const request: FileRequest = {
      ...{ path: `/${of}.cfg`, userAgent: `Yealink SIP-T46S 66.86.0.15 ${of}`, method, transport: 'http' },
      claim: { token: withToken ? (line?.token ?? null) : null, address: from },
    };
    const ready = fast.answer(request) ?? (await fast.answerSoon(request));
    const answer = ready ?? (await answerRequest(needs, request));
    if (method === 'GET' && answer?.kind === 'rendered') await answer.delivered?.();
    return ready === undefined ? 'slow' : 'fast';
  }
  /** All that is noted until now. */
  async function given(of = mac): Promise<readonly GivenFile[]> {
    const userAgent = null;
    await fast.settled({
      path: `/${of}.cfg`,
      userAgent,
      method: 'GET',
      transport: 'http',
      claim: { token: null, address },
    });
    await fast.written();
    return core.store.givenFiles(of);
  }
  async function since(): Promise<FileSinceFetched> {
    await given();
    const { store, families, server } = needs;
    const { items } = await fileChanges({ store, families: families(), server }, mac);
    return orNotFound(items[0], 'file');
  }
  const template = (texts: Readonly<Record<string, string>>) =>
    changeTemplate(core, DEVICE_TEMPLATES, { tenantId: 'default', name: 'Default', texts });

  it('is known without its secrets, whichever way it was answered, and written once', async () => {
    await template({ webPassword: 'Tr0ub4dor' });
    const ways = [await fetchFile(mac, address)];
    const [first] = await given();
    const text = unpackText(orNotFound(first, 'file').packed);
    expect(text).to.contain('20000').and.to.contain('********');
    const [line] = await core.store.lines(mac);
    const { secret, token } = orNotFound(line, 'line');
    for (const hidden of [secret.reveal(), token.reveal(), 'Tr0ub4dor'])
      expect(JSON.stringify([first, text])).not.to.contain(hidden);
    core.pass(120_000);
    ways.push(await fetchFile(mac, address));
    core.pass(1000);
    ways.push(await fetchFile(mac, address));
    expect(await given()).to.deep.equal([first]);
    expect(ways).to.deep.equal(['slow', 'fast', 'fast']);

    await template({ ntpServer: 'ntp.example' });
    core.pass(120_000);
    expect(await fetchFile(mac, address)).to.equal('fast');
    const [second] = await given();
    expect(second?.at).to.equal(core.now());
    const { store, families, server } = needs;
    const { lines, isCurrent } = await since();
    expect({ lines, isCurrent }).to.deep.equal({ lines: [], isCurrent: true });
    expect(unpackText(orNotFound(second, 'file').packed)).to.contain('ntp.example');
    expect((await fileChanges({ store, families: families(), server }, mac)).fetchedAt).to.be.a('number');
  });

  it('is compared with what it would get now, to the last secret', async () => {
    expect(await since()).to.deep.equal({ name: NAME, givenAt: null, isCurrent: false, lines: [] });
    await template({ webPassword: 'Tr0ub4dor' });
    await fetchFile(mac, address);
    expect((await since()).isCurrent).to.equal(true);
    await template({ ntpServer: 'ntp.example' });
    const changed = await since();
    expect(changed.isCurrent).to.equal(false);
    expect(changed.lines.some((line) => line.startsWith('+') && line.includes('ntp.example'))).to.equal(true);
    expect(await command(core, 'device', 'changes', mac)).to.contain('ntp.example');
    await template({ ntpServer: 'inherit', webPassword: 'An0ther' });
    const { lines, isCurrent } = await since();
    expect({ lines, isCurrent }).to.deep.equal({ lines: [], isCurrent: false });
  });

  it('is not what somebody else is offered in its name, nor what is only looked for', async () => {
    await fetchFile(mac, address, 'HEAD');
    expect(await given()).to.deep.equal([]);
    await fetchFile(mac, address);
    const before = await given();
    await fetchFile(mac, '198.51.100.7', 'GET', false);
    expect(await given()).to.deep.equal(before);
    // Of nobody: known while one asks, and not any more told from when several do.
    await fetchFile(NOBODYS, '10.0.0.7', 'GET', false);
    const offered = await given(NOBODYS);
    expect(offered.map(({ name }) => name)).to.deep.equal([NAME]);
    await fetchFile(NOBODYS, '10.0.0.8', 'GET', false);
    expect(await given(NOBODYS)).to.deep.equal(offered);
  });

  it('goes with the device', async () => {
    await fetchFile(mac, address);
    await given();
    await fetchFile(mac, address);
    await removeDevice(core, { mac, actor: 'test' });
    expect(await given()).to.deep.equal([]);
  });
});
