import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageRoot } from '../../src/packageRoot.ts';
import type { FamilyName } from '../../src/virtualPhone/families/families.ts';
import type { FleetReport } from '../../src/virtualPhone/fleet.ts';
import { startProduct, type Product } from '../support/product.ts';
import { PROGRAM } from '../support/selfprovProcess.ts';
import { waitFor } from '../support/wait.ts';

type Told = Readonly<Record<string, unknown>> & { readonly event: string };

/** `selfprov --json phone …` in a process of its own. */
interface Typed {
  readonly told: readonly Told[];
  type(line: string): void;
  /** The first such event after those that were waited for before. */
  until(event: string, fits?: (told: Told) => boolean): Promise<Told>;
  /** The end of what is typed, and its own. */
  end(): Promise<{ readonly code: number | null; readonly errors: string }>;
}

describe('A phone without hardware', function () {
  this.timeout(60_000);
  let product: Product;
  let site: string;
  const children: ChildProcess[] = [];

  before(async () => {
    site = await mkdtemp(join(tmpdir(), 'selfprov-templates-'));
    await mkdir(join(site, 'fanvil'));
    product = await startProduct({ SELFPROV_TEMPLATES: site });
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  after(async () => {
    await product.close();
    await rm(site, { recursive: true });
  });

  function selfprov(
    ...words: readonly string[]
  ): ChildProcess & { readonly output: () => string; errors: () => string } {
    const [command, ...before] = PROGRAM;
    const child = spawn(command, [...before, ...words], {
      env: { PATH: process.env['PATH'] },
      cwd: packageRoot,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    children.push(child);
    let [output, errors] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    return Object.assign(child, { output: () => output, errors: () => errors });
  }

  function phone(family: FamilyName, ...words: readonly string[]): Typed {
    const child = selfprov('--json', 'phone', '--family', family, '--url', product.url, ...words);
    let taken = 0;
    const told = (): readonly Told[] =>
      child
        .output()
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Told);
    return {
      get told() {
        return told();
      },
      type: (line) => void child.stdin?.write(`${line}\n`),
      async until(event, fits = () => true) {
        const at = await waitFor(
          () => {
            const found = told().findIndex((each, i) => i >= taken && each.event === event && fits(each));
            return found < 0 ? undefined : { found };
          },
          { what: () => `"${event}" of a ${family}:\n${child.output().slice(-2000)}${child.errors()}`, limit: 30_000 },
        );
        taken = at.found + 1;
        return told()[at.found] as Told;
      },
      async end() {
        child.stdin?.end();
        if (child.exitCode === null) await once(child, 'close');
        return { code: child.exitCode, errors: child.errors() };
      },
    };
  }

  async function fleet(
    count: number,
    family: FamilyName,
    ...words: readonly string[]
  ): Promise<{ report: FleetReport; code: number | null; errors: string }> {
    const child = selfprov('--json', 'phone', '--family', family, '--count', String(count), ...words);
    await once(child, 'close');
    return { report: JSON.parse(child.output()) as FleetReport, code: child.exitCode, errors: child.errors() };
  }

  const OBEYS = {
    yealink: { mac: '001565e50001', says: 'check-sync;reboot=false', forgets: '001565e50001.cfg' },
    snom: { mac: '000413e50001', says: 'check-sync;reboot=false', forgets: '000413E50001.xml' },
    spa: { mac: '000e08e50001', says: 'resync', forgets: '000e08e50001.xml' },
  } as const;

  for (const [i, [family, { mac, says, forgets }]] of Object.entries(OBEYS).entries())
    it(`of the family ${family} boots from what is served alone, obeys ${says}, and forgets at factory-reset`, async () => {
      const extension = `19${i}0`;
      await product.addUser(extension, 'Ann Lee');
      const played = phone(family as FamilyName, '--mac', mac);
      await played.until('registered', ({ as }) => String(as).startsWith(`phone-${mac}-`));

      await product.cli('device', 'assign', mac, extension);
      expect(await played.until('notified')).to.include({ name: says, obeys: 'fetch', duringCall: false });
      const file = await played.until('fetched', ({ url }) => String(url).endsWith(forgets));
      expect(file, 'its token is shown to nobody').to.include({ url: `${product.url}p/…/${forgets}`, status: 200 });
      await played.until('registered', ({ as }) => as === extension);
      played.type('state');
      const { lines } = await played.until('state');
      expect(lines).to.deep.include.members([
        { line: 1, label: extension, displayName: 'Ann Lee', user: extension, state: 'registered' },
      ]);

      // It asks as it did out of the box, without the token; what is a user's is given to nobody for that.
      played.type('factory-reset');
      expect(await played.until('fetched', ({ url }) => String(url).endsWith(forgets))).to.include({
        url: `${product.url}${forgets}`,
        status: 404,
      });
      played.type('wait idle');
      played.type('state');
      expect(await played.until('state')).to.deep.include({ fetchesFrom: product.url, lines: [] });
      played.type('quit');
      expect(await played.end()).to.deep.equal({ code: 0, errors: '' });
    });

  it('is set up by a script from beginning to end, calls, and hangs up', async () => {
    const pin = await product.addUser('1950', 'Bob Ray');
    const played = phone('grandstream', '--mac', '000b82e50001');
    for (const line of ['# like a person', 'wait registered', 'dial *55', 'wait call', `keys 1950#${pin}#1`])
      played.type(line);
    for (const line of ['wait idle 40', 'wait registered as 1950 40', 'dial 112', 'wait call', 'hangup', 'wait idle'])
      played.type(line);
    expect(await played.end()).to.deep.equal({ code: 0, errors: '' });
    const events = played.told.map(({ event, as, peer }) => [event, as ?? peer].join(' ').trim());
    expect(events.filter((event) => /^(?:talks|registered|hung up)/.test(event))).to.deep.equal([
      events.find((event) => event.startsWith('registered phone-000b82e50001-')),
      ...['talks *55', 'hung up *55', 'registered 1950', 'talks 112', 'hung up 112'],
    ]);
    expect(JSON.stringify(played.told)).not.to.include(pin);
  });

  /** Of the failure that a program reads. */
  const messageIn = (errors: string): string =>
    (JSON.parse(errors) as { readonly error: { readonly message: string } }).error.message;

  it('ends a script at the first command that cannot be, and says which', async () => {
    const played = phone('snom');
    played.type('wait registered');
    played.type('keys 12');
    played.type('state');
    const { code, errors } = await played.end();
    expect(code).to.equal(1);
    expect(messageIn(errors)).to.match(/^line 2, keys 12: phone [0-9a-f]{12} has no call$/);
    expect(played.told.map(({ event }) => event)).not.to.include('state');
  });

  it('comes in fifties, with how long they took', async () => {
    const { report, code } = await fleet(50, 'yealink', '--over', '2s', '--mac', '001565f00000', '--url', product.url);
    expect(code).to.equal(0);
    expect(report).to.deep.include({ asked: 50, registered: 50, firstMac: '001565f00000', lastMac: '001565f00031' });
    expect(report.failures).to.deep.equal([]);
    expect(report.boot?.p50).to.be.greaterThan(0);
    expect(report.boot?.max).to.be.at.least(report.boot?.p99 ?? Infinity);
    expect(await product.cli('device', 'show', '001565f00031')).to.include({ state: 'unassigned', family: 'yealink' });
  });

  it('says of a fleet at which hop it failed: what cannot be read', async () => {
    await writeFile(join(site, 'fanvil/device.mustache'), '<<VOIP CONFIG FILE>>Version:2.0002\n');
    product.reload();
    await waitFor(async () => (await product.log()).some(({ msg }) => /templates/.test(String(msg))), {
      what: 'the templates being read again',
    });
    const { report, code, errors } = await fleet(5, 'fanvil', '--url', product.url);
    const [failure, ...others] = report.failures;
    expect(failure).to.include({ hop: 'read', phones: 5 });
    expect(failure?.reason).to.match(/^not XML: /);
    expect(others).to.deep.equal([]);
    expect([code, messageIn(errors)]).to.deep.equal([1, '5 of 5 phones are not registered']);
  });

  it('and: a server that is not there, a name that nobody knows, a file that is not there', async () => {
    const { port } = new URL(product.adminUrl);
    const answers = await Promise.all([
      fleet(3, 'snom', '--url', `http://127.0.0.1:1/`),
      fleet(3, 'yealink', '--url', `http://127.0.0.1:${port}/`),
    ]);
    expect(answers.map(({ report }) => report.failures.map(({ hop, phones }) => [hop, phones]))).to.deep.equal([
      [['connect', 3]],
      [['fetch file 4', 3]],
    ]);
    const unknown = selfprov('phone', '--url', 'http://nobody.invalid/', '--count', '2');
    await once(unknown, 'close');
    expect(unknown.errors()).to.match(/^selfprov: getaddrinfo \w+ nobody\.invalid\n$/);
  });

  it('and: an Asterisk that is away', async () => {
    await product.killAsterisk();
    try {
      const { report, code } = await fleet(5, 'yealink', '--url', product.url);
      expect(code).to.equal(1);
      expect(report.failures).to.deep.equal([{ hop: 'REGISTER', reason: 'no answer to REGISTER', phones: 5 }]);
      expect(report.files?.p50).to.be.greaterThan(0);
    } finally {
      await product.startAsterisk();
    }
  });

  it('is not played at a public address, unless that is said twice', async () => {
    for (const words of [
      [],
      ['--public-target'],
      ['--i-run', '203.0.113.7'],
      ['--public-target', '--i-run', 'example.org'],
    ]) {
      const refused = selfprov('phone', '--url', 'http://203.0.113.7/', ...words);
      await once(refused, 'close');
      expect(refused.exitCode).to.equal(1);
      expect(refused.errors()).to.match(
        /^selfprov: 203\.0\.113\.7 is neither this machine nor in a private network: .*\n$/,
      );
      expect(refused.output()).to.equal('');
    }
  });
});
