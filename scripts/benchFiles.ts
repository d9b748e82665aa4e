// Prints figures, asserts nothing: how many files the listener for phones serves in a second beside a bare node:http server that
// returns the same bytes in the same run, to the same number of connections; and how many new phones it takes in.
// `npx tsx scripts/benchFiles.ts [devices …]`, with wrk installed.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get, Agent } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { userLine } from '../src/domain/accounts.ts';
import { orNotFound } from '../src/domain/orNotFound.ts';
import type { Store } from '../src/domain/ports.ts';
import { listenPhones } from '../src/http/listenPhones.ts';
import { createLog } from '../src/log.ts';
import { fastPath } from '../src/provisioning/fast/fastPath.ts';
import { answerRequest } from '../src/provisioning/files/answerRequest.ts';
import { addLines, newDefaultLines, newDevice } from '../src/provisioning/files/enrolDevice.ts';
import { answerNeeds } from '../test/support/answerNeeds.ts';
import { aUser } from '../test/support/aUser.ts';
import { openTestCore, type TestCore } from '../test/support/core.ts';

const SECONDS = Number(process.env['SECONDS'] ?? 3);
const CONNECTIONS = 16;
const SIZES = process.argv.slice(2).map(Number);
const LINES = 4;
const KEYS = 40;
const NEW_PHONES = 6000;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Asked {
  readonly path: string;
  readonly userAgent: string;
}

const folder = mkdtempSync(join(tmpdir(), 'selfprov-bench-'));
const script = join(folder, 'wrk.lua');
// Whole requests are made once: wrk.format with headers of its own drops those of the command line.
writeFileSync(
  script,
  `local requests, at = {}, 0
function init(args)
  for line in io.lines(args[1]) do
    local path, agent = line:match("^(%S+) (.*)$")
    local headers = { ["User-Agent"] = agent, ["Host"] = "prov.example.net" }
    if args[2] == "close" then headers["Connection"] = "close" end
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
`,
);

if (process.argv[1]?.includes('benchFiles'))
  for (const count of SIZES.length > 0 ? SIZES : [100, 100_000]) await measure(count);
process.on('exit', () => rmSync(folder, { recursive: true }));

async function measure(count: number): Promise<void> {
  const core = await openTestCore();
  const phones = await fill(core, count);
  say(`\n${count} devices; requests a second, wrk with ${CONNECTIONS} connections for ${SECONDS} s`);
  say(`${'what'.padEnd(44)}kept alive            one connection each`);
  for (const [what, asked] of Object.entries(phones)) {
    for (const [how, cacheBytes, some] of [
      ['from the cache', undefined, asked.slice(0, 100)],
      ['made anew', 0, asked],
    ] as const) {
      const server = await serve(core, cacheBytes);
      const [first] = some;
      const body = Buffer.from(await (await fetchOne(server.port, orNotFound(first, 'phone'))).arrayBuffer());
      const figures: string[] = [];
      for (const mode of ['keep', 'close'] as const) {
        const bare = await serveBare(body);
        const yardstick = await load(bare.port, some, mode);
        await bare.close();
        const rate = await load(server.port, some, mode);
        figures.push(
          `${String(rate).padStart(6)} = ${(rate / yardstick).toFixed(2)} of ${String(yardstick).padEnd(7)}`,
        );
      }
      say(`${`${what}, ${how} (${body.length} bytes)`.padEnd(44)}${figures.join('  ')}`);
      await server.close();
    }
  }
  const server = await serve(core, undefined);
  say(
    `first contact: ${await firstContacts(server.port, count)} a second; RSS ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MB`,
  );
  await server.close();
  await core.close();
}

export async function serve(
  core: TestCore,
  cacheBytes: number | undefined,
): Promise<{ port: number; close(): Promise<void> }> {
  const needs = answerNeeds(core);
  const { snapshots } = core;
  if (snapshots === undefined) throw new Error('this database has no fast path');
  const failed = (error: unknown): void => void process.stderr.write(`${String(error)}\n`);
  const fast = fastPath({ ...needs, snapshots, failed, ...(cacheBytes === undefined ? {} : { cacheBytes }) });
  const listener = await listenPhones({
    host: '127.0.0.1',
    port: 0,
    quick: fast.answer,
    async answer(request) {
      await fast.settled(request);
      return answerRequest({ ...needs, store: fast.atHand(needs.store), fill: fast.fill }, request);
    },
    log: createLog('info', { write: () => undefined }),
    trustProxy: [],
  });
  return {
    port: listener.port,
    async close() {
      await listener.close();
      await fast.close();
    },
  };
}

export async function serveBare(body: Buffer): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': body.length }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function fetchOne(port: number, { path, userAgent }: Asked): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, { headers: { 'user-agent': userAgent } });
}

export async function load(port: number, asked: readonly Asked[], mode: 'keep' | 'close'): Promise<number> {
  const list = join(folder, 'requests');
  writeFileSync(list, asked.map(({ path, userAgent }) => `${path} ${userAgent}\n`).join(''));
  const all = ['-t1', `-c${CONNECTIONS}`, `-d${SECONDS}s`, '-s', script, `http://127.0.0.1:${port}/`, '--', list, mode];
  const { stdout } = await promisify(execFile)('wrk', all);
  if (/Non-2xx/.test(stdout)) throw new Error(stdout);
  return Math.round(Number(/Requests\/sec: +([\d.]+)/.exec(stdout)?.[1]));
}

/** Phones that were never seen, of many addresses; how many are answered in a second. */
export async function firstContacts(port: number, count: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const started = performance.now();
  let next = 0;
  const ask = async (): Promise<void> => {
    while (next < NEW_PHONES) {
      const at = next++;
      const mac = `001565${(0xf00000 + at).toString(16)}`;
      await new Promise<void>((resolve, reject) => {
        get(
          { port, host: '127.0.0.1', path: `/${mac}.cfg`, agent, headers: { 'User-Agent': agentOf(mac) } },
          (answer) => {
            if (answer.statusCode !== 200) reject(new Error(`${answer.statusCode} after ${at} of ${count}`));
            answer.resume().once('end', resolve);
          },
        ).once('error', reject);
      });
    }
  };
  await Promise.all(Array.from({ length: 64 }, ask));
  agent.destroy();
  return Math.round((NEW_PHONES * 1000) / (performance.now() - started));
}

function agentOf(mac: string): string {
  return `Yealink SIP-T46S 66.86.0.15 ${mac.match(/../g)?.join(':') ?? ''}`;
}

/** Half of the phones are nobody's, half have a user's lines. */
export async function fill(core: TestCore, count: number): Promise<Readonly<Record<string, readonly Asked[]>>> {
  const kind = { family: 'yealink', model: 'T46S', firmware: '66.86.0.15' };
  const address = '127.0.0.1';
  const keys = Array.from({ length: KEYS }, (_, at) => {
    return { kind: 'blf' as const, label: `Desk ${at}`, value: String(2000 + at), line: 1 };
  });
  await core.store.updateDeviceTemplate('default', { says: { keys } });
  const tenant = orNotFound(await core.store.tenant('default'), 'tenant');
  const asked = {
    'bootstrap, no token': [] as Asked[],
    'bootstrap, token': [] as Asked[],
    [`${LINES} lines, ${KEYS} keys`]: [] as Asked[],
  };

  async function add(store: Store, at: number): Promise<void> {
    const mac = `001565${(0x100000 + at).toString(16)}`;
    const device = await store.addDevice(newDevice(mac, 'default', { ...kind, address }, core.now()));
    const given = { address, servedAt: core.now(), askedAs: kind };
    const userAgent = agentOf(mac);
    if (at % 2 === 0) {
      const lines = await newDefaultLines({ ...core, store }, device, [1]);
      const [line] = await addLines(
        store,
        'default',
        lines.map((each) => ({ ...each, ...given })),
      );
      asked['bootstrap, no token'].push({ path: `/${mac}.cfg`, userAgent });
      asked['bootstrap, token'].push({ path: `/p/${line?.token.reveal()}/${mac}.cfg`, userAgent });
      return;
    }
    const token = core.secrets.token();
    for (let slot = 1; slot <= LINES; slot++) {
      const user = await store.addUser(aUser(`${100_000 + at}${slot}`, `User ${at} ${slot}`));
      const credentials = { secret: core.secrets.sipSecret(), token, now: core.now() };
      await store.addLine({ ...userLine(mac, slot, user, tenant, credentials), address, servedAt: core.now() });
    }
    asked[`${LINES} lines, ${KEYS} keys`]?.push({ path: `/p/${token.reveal()}/${mac}.cfg`, userAgent });
  }

  for (let at = 0; at < count; at += 500) {
    await core.store.transaction(async (store) => {
      for (let each = at; each < Math.min(at + 500, count); each++) await add(store, each);
    });
  }
  return asked;
}
