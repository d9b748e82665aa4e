// `npm run build`: dist/ from src/ with the files of the page, what is read of templates/, and the man page. Types are looked at by `npm run check`.
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

/** What every command loads is put into few files: finding and reading hundreds takes longer than most commands run. */
const TOGETHER = ['commander', 'knex', 'mustache', 'yaml', 'zod'];
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
/** Of databases that are not used here; knex names them all. */
const NOT_THERE = ['mariadb', 'mysql', 'mysql2', 'oracledb', 'pg-query-stream', 'sqlite3', 'tedious'];

/** What zod says in other languages, and how knex speaks to other databases: a third of all that would be read. */
const UNUSED =
  /node_modules\/(zod\/v4\/locales\/index|knex\/lib\/dialects\/(cockroachdb|m[ay]\w+|mssql|oracle\w*|pgnative|redshift)\/)/;

rmSync(dist, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['src/main.ts', 'src/compileFamilies.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // What is not needed at once stays where it is installed, and is found there.
  external: [...Object.keys(dependencies).filter((name) => !TOGETHER.includes(name)), 'swagger-client', ...NOT_THERE],
  // knex asks for its driver by a name that it makes up.
  banner: {
    js: "import { createRequire as requireFor } from 'node:module';\nconst require = requireFor(import.meta.url);",
  },
  plugins: [{ name: 'unused', setup: (build) => build.onLoad({ filter: UNUSED }, () => ({ contents: '' })) }],
  metafile: true,
  logLevel: 'warning',
});
// What src/page reads lies beside it.
for (const folder of ['views', 'words', 'assets'])
  cpSync(join(root, 'src/page', folder), join(dist, folder), { recursive: true });
writeFileSync(join(dist, 'LICENSES'), licences(Object.keys(metafile.inputs)));
execFileSync(process.execPath, [join(dist, 'compileFamilies.js')], { stdio: 'inherit' });
writeFileSync(join(dist, 'selfprov.1'), execFileSync(process.execPath, [join(dist, 'main.js'), 'man-page']));

/** Of the packages that these files are of, each with its own words. */
function licences(files) {
  const packages = new Set(files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
  return [...packages]
    .toSorted((one, other) => (one < other ? -1 : 1))
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      const own = readdirSync(join(root, folder)).find((file) => /^licen[cs]e/i.test(file));
      const words = own === undefined ? '' : readFileSync(join(root, folder, own), 'utf8').trim();
      return `${name} ${version} (${license})\n\n${words}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}
