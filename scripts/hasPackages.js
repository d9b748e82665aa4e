// Ends with 0 when node_modules holds what package-lock.json says, and the SQLite driver loads: whoever has put it there.
import { readFileSync } from 'node:fs';

// npm notes in node_modules what it has installed, when it has installed all of it.
const packagesIn = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

try {
  const wanted = packagesIn('package-lock.json');
  const there = packagesIn('node_modules/.package-lock.json');
  for (const [path, { version, integrity, optional }] of Object.entries(wanted)) {
    const found = there[path];
    // Optional ones are for one kind of machine each; the first one is this package itself.
    if (path === '' || (found === undefined && optional)) continue;
    if (found?.version !== version || found.integrity !== integrity) throw new Error(`${path} is not there`);
  }
  const { default: Database } = await import('better-sqlite3');
  new Database(':memory:').close();
} catch {
  process.exitCode = 1;
}
