import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { freePorts } from '../support/freePorts.ts';
import { notifySocket, type NotifySocket } from '../support/notifySocket.ts';
import { environmentOf, selfprovProcess, type SelfprovProcess } from '../support/selfprovProcess.ts';
import { dropDatabase, newDatabase } from '../support/testDatabase.ts';
import { waitFor } from '../support/wait.ts';
import type { Secret } from '../../src/domain/secret.ts';

describe('selfprov under systemd', function () {
  this.timeout(30_000);
  let directory: string;
  let databaseUrl: Secret | undefined;
  let systemd: NotifySocket;
  let selfprov: SelfprovProcess | undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'selfprov-systemd-'));
    databaseUrl = await newDatabase();
    systemd = await notifySocket(join(directory, 'notify'));
  });
  afterEach(async () => {
    await selfprov?.stop('SIGTERM');
    await systemd.close();
    await dropDatabase(databaseUrl);
    await rm(directory, { recursive: true, force: true });
  });

  async function start(more: Readonly<Record<string, string>>): Promise<string> {
    const [http = 0, admin = 0, sip = 0, ari = 0, ami = 0] = await freePorts(5);
    const env = {
      ...environmentOf({ directory, http, admin, sip, databaseUrl }),
      // Nobody is there: it serves phones all the same.
      SELFPROV_ARI_URL: `http://127.0.0.1:${ari}`,
      SELFPROV_AMI_PORT: String(ami),
      NOTIFY_SOCKET: join(directory, 'notify'),
      ...more,
    };
    selfprov = selfprovProcess(env, `http://127.0.0.1:${admin}`);
    const serving = selfprov.start();
    serving.catch(() => undefined);
    return `http://127.0.0.1:${admin}`;
  }

  it('tells when it serves phones, that it lives for as long as it does, and when it ends', async () => {
    await start({ WATCHDOG_USEC: '300000' });
    await systemd.says('READY=1');
    expect(systemd.said()).to.match(/^STATUS=phones fetch from http:\/\/127\.0\.0\.1:\d+\/$/m);
    await systemd.says('WATCHDOG=1', 3);
    await selfprov?.stop('SIGTERM');
    await systemd.says('STOPPING=1');
  });

  it('gives no sign of life while it stands still', async () => {
    await start({ WATCHDOG_USEC: '300000' });
    await systemd.says('WATCHDOG=1');
    selfprov?.signal('SIGSTOP');
    // What is under way may still be heard; then there is silence for longer than the watchdog waits.
    let heard = systemd.said().length;
    let since = performance.now();
    await waitFor(
      () => {
        if (systemd.said().length !== heard) [heard, since] = [systemd.said().length, performance.now()];
        return performance.now() - since > 1000;
      },
      { what: 'silence', limit: 10_000 },
    );
    selfprov?.signal('SIGCONT');
    const before = systemd.times('WATCHDOG=1');
    await systemd.says('WATCHDOG=1', before + 1);
  });

  it('serves all the same when systemd cannot be told', async () => {
    const adminUrl = await start({ NOTIFY_SOCKET: join(directory, 'nobody') });
    await waitFor(async () => (await fetch(`${adminUrl}/healthz`)).status > 0, { what: 'an answer', limit: 15_000 });
    await waitFor(
      async () => (await selfprov?.log())?.some(({ msg }) => /systemd could not be told/.test(String(msg))),
      { what: 'a word in the log', limit: 15_000 },
    );
  });
});
