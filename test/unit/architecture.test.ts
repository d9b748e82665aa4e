import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { packageRoot } from '../../src/packageRoot.ts';

/**
 * Room → rooms it may import, besides itself. A room is a folder of src or a folder in one; a folder stands for all of
 * its own rooms. Files in src itself are the composition root.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  'phones/pattern': [],
  'phones/template': ['domain'],
  'phones/family': ['domain', 'phones/pattern', 'phones/template'],
  'phones/recognise': ['domain', 'phones/family'],
  'phones/view': ['domain', 'phones/family', 'phones/template'],
  'phones/dhcp': ['phones/family'],
  'phones/catalog': ['domain', 'phones'],
  'provisioning/fast': ['domain', 'phones', 'provisioning'],
  'provisioning/files': ['domain', 'phones', 'provisioning', 'staticFiles'],
  'provisioning/handOver': ['domain', 'provisioning'],
  'provisioning/secrets': ['domain', 'provisioning'],
  'provisioning/sync': ['domain', 'provisioning'],
  provisioning: ['domain'],
  csv: [],
  'letters/words': [],
  letters: ['domain', 'letters'],
  administration: ['domain', 'csv', 'phones', 'provisioning', 'letters'],
  'administration/tables': ['domain', 'csv', 'phones/family', 'letters', 'administration'],
  ivr: ['domain', 'provisioning'],
  link: ['domain'],
  'asterisk/ari': ['domain', 'link'],
  'asterisk/ami': ['domain', 'link'],
  'asterisk/calls': ['domain', 'ivr', 'asterisk/ari', 'asterisk/ami'],
  'asterisk/registrar': ['domain', 'asterisk/ami', 'asterisk/ari'],
  'asterisk/configFiles': ['domain', 'secrets'],
  network: ['domain'],
  doctor: ['domain'],
  'asterisk/private': ['domain', 'network', 'asterisk/configFiles'],
  certificates: ['domain'],
  secrets: ['domain'],
  store: ['domain', 'secrets', 'store'],
  archive: [],
  'store/backup': ['domain', 'archive', 'secrets', 'store'],
  'store/sqlite': ['domain', 'store'],
  'store/move': ['domain', 'secrets', 'store'],
  'store/postgres': ['domain', 'link', 'store'],
  sounds: ['ivr'],
  staticFiles: ['domain'],
  schedule: [],
  webhooks: ['domain'],
  api: ['domain', 'phones', 'provisioning', 'letters', 'administration'],
  page: ['domain', 'api', 'page'],
  'page/pages': ['domain', 'api', 'page'],
  openId: ['domain'],
  http: ['domain', 'provisioning', 'administration', 'api', 'page', 'openId'],
  metrics: ['domain', 'provisioning'],
  tftp: ['domain', 'provisioning', 'staticFiles'],
  pnp: ['domain', 'phones/family', 'phones/recognise'],
  cli: ['doctor', 'domain', 'phones', 'provisioning', 'letters', 'administration', 'sounds'],
  // What a phone knows of its files it has from nobody who writes them.
  'virtualPhone/readers': [],
  'virtualPhone/families': ['virtualPhone/readers'],
  virtualPhone: ['domain', 'schedule', 'virtualPhone'],
};

/** Package → the one folder that knows it, or those that do. */
const AT_HOME: Readonly<Record<string, string | readonly string[]>> = {
  knex: 'store',
  'better-sqlite3': 'store',
  pg: 'store',
  express: 'http',
  'ari-client': 'asterisk',
  'asterisk-manager': 'asterisk',
  mustache: ['phones', 'page'],
  yaml: 'phones',
  commander: 'cli',
  'csv-parse': 'csv',
  'csv-stringify': 'csv',
  pdfkit: 'letters',
  fontkit: 'letters',
  'prom-client': 'metrics',
  'fast-xml-parser': 'virtualPhone',
  'openid-client': 'openId',
  uqr: 'page',
};

/** Files of the composition root that others may import because they know nothing themselves. */
const PLAIN = ['src/log.ts', 'src/makeFolder.ts', 'src/packageRoot.ts', 'src/userName.ts'];

describe('The structure of src', () => {
  const imports = sources().flatMap(importsOf);

  it('has imports that point one way only', () => {
    const wrong = imports.filter(({ from, to }) => {
      const room = roomOf(from);
      if (room === undefined || !to.startsWith('src/') || PLAIN.includes(to)) return false;
      const target = roomOf(to);
      if (target === room) return false;
      return !MAY_IMPORT[room]?.some((allowed) => target === allowed || target?.startsWith(`${allowed}/`));
    });
    expect(wrong).to.deep.equal([]);
  });

  it('keeps each technology in one folder', () => {
    const wrong = imports.filter(
      ({ from, to }) => AT_HOME[to] !== undefined && ![AT_HOME[to]].flat().includes(folderOf(from) ?? ''),
    );
    expect(wrong).to.deep.equal([]);
  });

  it('has a line in the table for every room', () => {
    expect([...new Set(sources().flatMap((file) => roomOf(file) ?? []))].toSorted()).to.deep.equal(
      Object.keys(MAY_IMPORT).toSorted(),
    );
  });

  it('reads the environment in config.ts and main.ts only', () => {
    const readers = sources().filter((file) => /process\.env\b/.test(readFileSync(join(packageRoot, file), 'utf8')));
    expect(readers).to.deep.equal(['src/main.ts']);
  });

  /** Rooms that play phones: were it data that the files are made from, they would read back what was meant, not what is there. */
  const PLAYS_PHONES = /^src\/virtualPhone\/(?:families|readers)\//;

  it('names no vendor but where phones are played: what is known of a family is data', () => {
    const vendors = readdirSync(join(packageRoot, 'templates'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) => name.split('-')[0] ?? []);
    const pattern = new RegExp(`\\b(${vendors.join('|')})\\b`, 'i');
    const naming = sources().filter(
      (file) => !PLAYS_PHONES.test(file) && pattern.test(readFileSync(join(packageRoot, file), 'utf8')),
    );
    expect(naming).to.deep.equal([]);
  });
});

interface Import {
  readonly from: string;
  /** Path from the package's root, or a package's name. */
  readonly to: string;
}

function sources(): readonly string[] {
  return readdirSync(join(packageRoot, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .map((file) => `src/${file}`)
    .toSorted();
}

function importsOf(from: string): readonly Import[] {
  const text = readFileSync(join(packageRoot, from), 'utf8');
  return [...text.matchAll(/\b(?:from|import)\s*\(?'([^']+)'/g)].flatMap(([, to]) => {
    if (to === undefined || to.startsWith('node:')) return [];
    if (!to.startsWith('.')) return [{ from, to: to.split('/')[0] ?? to }];
    return [{ from, to: relative(packageRoot, join(packageRoot, dirname(from), to)) }];
  });
}

function folderOf(file: string): string | undefined {
  return /^src\/([^/]+)\//.exec(file)?.[1];
}

function roomOf(file: string): string | undefined {
  return /^src\/(.+)\/[^/]+$/.exec(file)?.[1];
}
