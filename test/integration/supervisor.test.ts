import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { freePorts } from '../support/freePorts.ts';
import { environmentOf, selfprovProcess, type SelfprovProcess } from '../support/selfprovProcess.ts';
import { dropDatabase, newDatabase } from '../support/testDatabase.ts';
import { waitFor } from '../support/wait.ts';
import type { Secret } from '../../src/domain/secret.ts';

/** A socket as systemd gives it to a service; each datagram is printed. */
const SYSTEMD = `use Socket; $| = 1; socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die; bind($s, pack_sockaddr_un($ARGV[0])) or die $!;
  print "listening\\n"; while (defined recv($s, my $said, 4096, 0)) { print "$said\\n" }`;

describe('selfprov under systemd', function () {
  this.timeout(30_000);
  let directory: string;
  let databaseUrl: Secret | undefined;
  let systemd: ChildProcess;
  let said = '';
  let selfprov: SelfprovProcess | undefined;

  const says = (what: string, times = 1): Promise<unknown> =>
    waitFor(() => said.split('\n').filter((line) => line === what).length >= times, {
      what: () => `"${what}" ${times} times:\n${said}`,
      limit: 15_000,
    });

  beforeEach(async () => {
    said = '';
    directory = await mkdtemp(join(tmpdir(), 'selfprov-systemd-'));
    databaseUrl = await newDatabase();
    systemd = spawn('perl', ['-e', SYSTEMD, join(directory, 'notify')], { stdio: ['ignore', 'pipe', 'inherit'] });
    systemd.stdout?.on('data', (data: Buffer) => (said += data.toString()));
    await says('listening');
  });
  afterEach(async () => {
    await selfprov?.stop('SIGTERM');
    systemd.kill();
    await once(systemd, 'close');
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
    await says('READY=1');
    expect(said).to.match(/^STATUS=phones fetch from http:\/\/127\.0\.0\.1:\d+\/$/m);
    await says('WATCHDOG=1', 3);
    await selfprov?.stop('SIGTERM');
    await says('STOPPING=1');
  });

  it('gives no sign of life while it stands still', async () => {
    await start({ WATCHDOG_USEC: '300000' });
    await says('WATCHDOG=1');
    selfprov?.signal('SIGSTOP');
    // What is under way may still be heard; then there is silence for longer than the watchdog waits.
    let heard = said.length;
    let since = performance.now();
    await waitFor(
      () => {
        if (said.length !== heard) [heard, since] = [said.length, performance.now()];
        return performance.now() - since > 1000;
      },
      { what: 'silence', limit: 10_000 },
    );
    selfprov?.signal('SIGCONT');
    const before = said.split('\n').filter((line) => line === 'WATCHDOG=1').length;
    await says('WATCHDOG=1', before + 1);
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
