import { expect } from 'chai';
import Mustache from 'mustache';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEVICE_SETTINGS, KEY_KINDS } from '../../src/domain/deviceSettings.ts';
import { LINE_SETTINGS } from '../../src/domain/lineSettings.ts';
import { packageRoot } from '../../src/packageRoot.ts';
import { WORDS, type Words } from '../../src/page/render.ts';

type Token = readonly [string, string, number, number, ...(readonly unknown[])];

const VIEWS = join(packageRoot, 'src/page/views');

function pathsIn(words: Words, before = ''): readonly string[] {
  return Object.entries(words).flatMap(([name, its]) =>
    typeof its === 'string' ? [before + name] : pathsIn(its, `${before}${name}.`),
  );
}

/** All that a view writes. */
function namesIn(tokens: readonly Token[]): readonly string[] {
  return tokens.flatMap((token) => [token[1], ...(Array.isArray(token[4]) ? namesIn(token[4] as Token[]) : [])]);
}

describe('The words of the page', () => {
  it('are there in every language', () => {
    const all = Object.entries(WORDS).map(([language, words]) => [language, pathsIn(words).toSorted()]);
    expect(all.length).to.be.greaterThan(1);
    for (const [language, paths] of all) expect(paths, String(language)).to.deep.equal(all[0]?.[1]);
  });

  it('are there for all that a view says, for every setting and every kind of key', () => {
    const said = readdirSync(VIEWS).flatMap((file) =>
      namesIn(Mustache.parse(readFileSync(join(VIEWS, file), 'utf8')) as unknown as Token[]).flatMap((name) =>
        name.startsWith('t.') ? [name.slice(2)] : [],
      ),
    );
    const settings = [...Object.keys(DEVICE_SETTINGS), ...Object.keys(LINE_SETTINGS)].map((name) => `settings.${name}`);
    const wanted = [...said, ...settings, ...KEY_KINDS.map((kind) => `keys.kinds.${kind}`)];
    const there = new Set(pathsIn(WORDS['en'] ?? {}));
    expect(wanted.filter((path) => !there.has(path))).to.deep.equal([]);
  });
});
