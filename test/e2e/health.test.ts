import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import { healthOf, type Parts } from '../../src/health.ts';
import { callAndKey } from '../support/callAndKey.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import { scrapeOf, valueOf } from '../support/metricsText.ts';
import { startProduct, type Product } from '../support/product.ts';
import { ON_POSTGRES } from '../support/testDatabase.ts';
import { waitFor } from '../support/wait.ts';

interface Said {
  readonly status: number;
  readonly ok: boolean;
  readonly warnings: readonly string[];
  readonly parts: Parts;
}

describe('What selfprov says of how it is', function () {
  this.timeout(120_000);
  let product: Product;
  let templates: string;
  let phone: Phone | undefined;

  before(async () => {
    templates = await mkdtemp(join(tmpdir(), 'selfprov-templates-'));
    product = await startProduct({ SELFPROV_HAND_OVER_PAUSES: '1', SELFPROV_TEMPLATES: templates });
  });
  afterEach(async () => {
    await phone?.close();
    phone = undefined;
  });
  after(async () => {
    await product.close();
    await rm(templates, { recursive: true });
  });

  async function asked(): Promise<Said> {
    const answer = await fetch(`${product.adminUrl}/healthz`);
    const { ok, warnings, ...parts } = (await answer.json()) as Parts & Pick<Said, 'ok' | 'warnings'>;
    return { status: answer.status, ok, warnings, parts };
  }
  const enrol = async (mac: string): Promise<number> =>
    (await fetch(`${product.url}${mac}.cfg`, { headers: { 'user-agent': 'Yealink SIP-T46S 66.86.0.15' } })).status;

  it('names every part, and what version runs', async () => {
    const { status, ok, parts } = await asked();
    expect([status, ok]).to.deep.equal([200, true]);
    expect(Object.keys(parts)).to.have.members([
      ...[
        'process',
        'database',
        'ari',
        'ami',
        'accounts',
        'phones',
        'tftp',
        'pnp',
        'templates',
        'handOvers',
        'disk',
        'log',
      ],
    ]);
    expect(parts['process']?.['version']).to.match(/^\d+\.\d+\.\d+/);
    expect(parts['accounts']).to.include({ state: 'none' });
    expect(parts['tftp']).to.include({ state: 'off' });
  });

  it('asks Asterisk for an account that it has to have', async () => {
    expect(await enrol('001565ee0001')).to.equal(200);
    const { ok, parts } = await asked();
    expect(parts['accounts']?.state).to.equal('known');
    expect(String(parts['accounts']?.['account'])).to.match(/^phone-001565ee0001-/);
    expect(ok).to.equal(true);
  });

  it('warns of phones that have not come back, and goes on', async () => {
    const pin = await product.addUser('1500', 'Ann Lee');
    phone = await bootPhone({ family: 'yealink', mac: '001565ee0002', provisioningUrl: product.url });
    await phone.registered();
    phone.habits.obeyCheckSync = false;
    await callAndKey(phone, '*55', `1500#${pin}#1`);
    const { status, parts } = await waitFor(
      async () => {
        const said = await asked();
        return said.warnings.some((warning) => /1 phones have not come back/.test(warning)) && said;
      },
      { what: 'the warning', limit: 60_000 },
    );
    expect(status).to.equal(200);
    expect(parts['handOvers']).to.include({ failed: 1 });
  });

  it('tells Prometheus of that call and of what came of it', async () => {
    const wanted = [
      ['selfprov_link_up', { link: 'ari' }, 1],
      ['selfprov_link_up', { link: 'ami' }, 1],
      ['selfprov_calls_total', { script: 'self-provision' }, 1],
      ['selfprov_calls_ended_total', { script: 'self-provision', outcome: 'failed' }, 0],
      ['selfprov_calls_ended_total', {}, 1],
      ['selfprov_calls_under_way', {}, 0],
      ['selfprov_events_total', { step: 'accepted' }, 1],
      ['selfprov_hand_over_step_seconds_count', { step: 'notified' }, 1],
      ['selfprov_hand_overs_ended_total', { kind: 'assign', outcome: 'not_fetched' }, 1],
      ['selfprov_hand_overs', { state: 'failed' }, 1],
    ] as const;
    const { all } = await scrapeOf(product.adminUrl);
    const told = wanted.map(([name, labels]) => [name, labels, valueOf(all, name, labels)]);
    expect(told).to.deep.equal(wanted);
  });

  it('warns of templates that are broken for as long as they are', async () => {
    const family = join(templates, 'mine');
    await mkdir(family);
    await writeFile(join(family, 'family.yaml'), 'no: family\n');
    product.reload();
    await waitFor(async () => (await asked()).parts['templates']?.state === 'kept', { what: 'broken templates' });
    const { ok, warnings } = await asked();
    expect(ok).to.equal(true);
    expect(warnings.join('\n')).to.match(/the templates are broken, .*family\.yaml/s);
    await rm(family, { recursive: true });
    product.reload();
    await waitFor(async () => (await asked()).parts['templates']?.state === 'read', { what: 'whole templates' });
  });

  it('is not well while Asterisk reads another database, so that phones get 401', async function () {
    if (ON_POSTGRES) return this.skip();
    await product.stop('SIGTERM');
    // As a restore does it: Asterisk has the file open that was there before.
    const database = new Database(product.database);
    database.exec(`VACUUM INTO '${product.database}.copy'`);
    database.close();
    for (const beside of ['-wal', '-shm']) await rm(`${product.database}${beside}`, { force: true });
    await rename(`${product.database}.copy`, product.database);
    await product.start();
    expect(await enrol('001565ee0003')).to.equal(200);
    const { status, ok, parts } = await asked();
    expect([status, ok]).to.deep.equal([503, false]);
    expect(parts['accounts']).to.include({ ok: false, state: 'unknown' });
    expect(String(parts['accounts']?.['error'])).to.match(/no phone of selfprov can register/);
  });

  it('is not well on a disk that is full', async () => {
    const nothing = { unfinishedHandOvers: async () => ({ open: 0, failed: 0 }) };
    const parts = await healthOf({
      // It has no room at all.
      config: { directory: '/proc', phones: { port: 1, tftpPort: undefined, pnpAddress: undefined } as never },
      core: { store: nothing as never, ping: async () => 0 },
      asterisks: { all: [], health: () => ({}) },
      templates: () => ({ families: 0, error: null }),
      logTrouble: () => undefined,
    })();
    expect(parts['disk']).to.include({ ok: false, state: 'full', freeMegabytes: 0 });
  });
});
