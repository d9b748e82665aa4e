import { once } from 'node:events';
import { connect as connectSocket, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import type { Knex } from 'knex';
import { Secret } from '../../../src/domain/secret.ts';
import { createLog } from '../../../src/log.ts';
import { openTestCoreOn, type TestCore } from '../../support/core.ts';
import { refusalOf } from '../../support/refusal.ts';
import { connectTo } from '../../support/connectTo.ts';
import { databases } from '../../support/testDatabase.ts';
import { enrol } from '../../support/steps.ts';
import { waitFor } from '../../support/wait.ts';

const MAC = '001565aabb01';

describe('What a process hears over PostgreSQL', function () {
  this.timeout(20_000);
  let url: Secret;
  let way: Way;
  let core: TestCore;
  let others: Knex;
  let listening: { close(): Promise<void> };

  beforeEach(async () => {
    url = await (await databases()).take();
    way = await wayTo(url);
    core = await openTestCoreOn(way.url);
    others = connectTo({ url });
    listening = core.listen(() => undefined, createLog('silent'));
  });
  afterEach(async () => {
    await listening.close();
    await others.destroy();
    await core.leave();
    way.close();
    await (await databases()).giveBack(url);
  });

  const isHeld = async (): Promise<boolean> => {
    await core.snapshots.prepare?.(MAC);
    return core.snapshots.of(MAC) !== undefined;
  };

  it('may be any text, since whoever may connect may tell: nothing that was held is used then', async () => {
    await enrol(core, MAC);
    await waitFor(isHeld, { what: 'hearing' });
    await others.raw(`SELECT pg_notify('selfprov', 'changed somebody {')`);
    await waitFor(() => core.snapshots.of(MAC) === undefined, { what: 'being forgotten', every: 1 });
  });

  it('is nothing behind a pooler that hands out other connections, and then nothing is held', async () => {
    await listening.close();
    way.deafen();
    const lines: string[] = [];
    listening = core.listen(() => undefined, createLog('info', { write: (line) => void lines.push(line) }));
    await enrol(core, MAC);
    await waitFor(() => lines.some((line) => line.includes('is not heard')), { what: 'being found out' });
    expect(await isHeld()).to.equal(false);
  });

  it('includes what it has written itself, without being told that it was committed after all', async () => {
    await enrol(core, MAC);
    await others.raw(`
      CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(1.5); RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER waits AFTER UPDATE ON devices DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION wait()`);
    const refused = refusalOf(core.store.updateDevice(MAC, { model: 'T48S' }));
    await waitFor(
      async () => (await others('pg_stat_activity').where({ query: 'COMMIT;', state: 'active' })).length > 0,
      {
        what: 'the commit being under way',
      },
    );
    way.cut();
    expect(await refused).to.include({ code: 'unavailable' });
    await waitFor(isHeld, { what: 'hearing again' });
    expect(core.snapshots.of(MAC)?.device.model).not.to.equal('T48S');
    await waitFor(async () => (await others('devices').where({ model: 'T48S' })).length > 0, { what: 'the commit' });
    await waitFor(async () => (await isHeld()) && core.snapshots.of(MAC)?.device.model === 'T48S', {
      what: 'hearing of it',
    });
  });
});

/** A way to a server that can be cut: those who go it are told, and the server is not. */
interface Way {
  readonly url: Secret;
  cut(): void;
  /** From now on whoever listens does so on a connection that nothing is told on. */
  deafen(): void;
  close(): void;
}

async function wayTo(url: Secret): Promise<Way> {
  const target = new URL(url.reveal());
  const [port, host] = [Number(target.port), target.hostname];
  const near = new Set<Socket>();
  const far = new Set<Socket>();
  let isDeaf = false;
  const server: Server = createServer((socket) => {
    const beyond = connectSocket(port, host);
    near.add(socket.on('error', () => undefined));
    far.add(beyond.on('error', () => undefined));
    socket.on('data', (bytes) => {
      beyond.write(
        isDeaf ? Buffer.from(bytes.toString('latin1').replace('LISTEN selfprov', 'LISTEN nothing_'), 'latin1') : bytes,
      );
    });
    beyond.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  target.port = String(typeof address === 'object' ? address?.port : '');
  const cut = (): void => near.forEach((socket) => socket.destroy());
  return {
    url: new Secret(target.href),
    cut,
    deafen() {
      isDeaf = true;
    },
    close() {
      cut();
      far.forEach((socket) => socket.destroy());
      server.close();
    },
  };
}
