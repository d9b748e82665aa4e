import { expect } from 'chai';
import Mustache from 'mustache';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEVICE_SETTINGS, KEY_KINDS } from '../../src/domain/deviceSettings.ts';
import { COLUMNS } from '../../src/api/tables.ts';
import { POLICY_SETTINGS } from '../../src/domain/policySettings.ts';
import { STEPS } from '../../src/domain/journal.ts';
import { LINE_SETTINGS } from '../../src/domain/lineSettings.ts';
import { packageRoot } from '../../src/packageRoot.ts';
import { columnsIn } from '../../src/page/pages/imports.ts';
import { WORDS, type Words } from '../../src/page/render.ts';

const folder = join(packageRoot, 'src/page');

describe('The words of the page', () => {
  const english = pathsOf(WORDS['en'] ?? {});
  const inViews = readdirSync(join(folder, 'views')).flatMap((file) =>
    wordsIn(Mustache.parse(readFileSync(join(folder, 'views', file), 'utf8'))),
  );
  const code = [
    ...[folder, join(folder, 'pages')].flatMap((each) =>
      readdirSync(each).flatMap((file) => (file.endsWith('.ts') ? [join(each, file)] : [])),
    ),
    join(packageRoot, 'src/http/pageApp.ts'),
    join(packageRoot, 'src/http/signInRoutes.ts'),
    join(packageRoot, 'src/http/openIdRoutes.ts'),
  ]
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');

  it('are the same in every language', () => {
    for (const [language, words] of Object.entries(WORDS)) expect(pathsOf(words), language).to.deep.equal(english);
  });

  it('are all there that views and pages name', () => {
    const topics = new Set(english.map((path) => path.split('.')[0]));
    const inCode = [...code.matchAll(/'(\w+(?:\.\w+)+)'/g)].flatMap(([, path = '']) =>
      topics.has(path.split('.')[0]) ? [path] : [],
    );
    expect([...inViews, ...inCode].filter((path) => !english.includes(path))).to.deep.equal([]);
    expect(inCode.length).to.be.greaterThan(50);
  });

  it('are there for every setting and every kind of key', () => {
    const settings = [...Object.keys(DEVICE_SETTINGS), ...Object.keys(LINE_SETTINGS)].map((name) => `settings.${name}`);
    const wanted = [...settings, ...KEY_KINDS.map((kind) => `keys.kinds.${kind}`)];
    expect(wanted.filter((path) => !english.includes(path))).to.deep.equal([]);
  });

  it('are there for what is typed into a setting, and for what is chosen', () => {
    const without = Object.entries({ ...DEVICE_SETTINGS, ...LINE_SETTINGS, ...POLICY_SETTINGS }).filter(
      ([name, { placeholder }]) =>
        !english.includes(`hints.${name}`) &&
        !placeholder
          .split('|')
          .every((each) => ['choices', 'policy.choices'].some((of) => english.includes(`${of}.${each}`))),
    );
    // Words that stand in standards.
    expect(without.map(([name]) => name)).to.deep.equal(['clock', 'codecs', 'transport', 'dtmf']);
  });

  it('are there for every column of a table', () => {
    const columns = Object.values(COLUMNS).flatMap((names) => columnsIn('de', names));
    expect(columns.filter(({ about }) => about === '')).to.deep.equal([]);
    expect(columns.map(({ name }) => name)).to.include.members(['extension', 'time-zone', 'user-8']);
  });

  it('are there for every step that can happen, and no two are the same', () => {
    for (const [language, { steps = {} }] of Object.entries(WORDS)) {
      expect(Object.keys(steps), language).to.have.members(STEPS);
      expect(new Set(Object.values(steps)), language).to.have.property('size', STEPS.length);
    }
  });

  it('are there for every page that is led to, and say what each page behind “More” is for', () => {
    const led = [...code.matchAll(/\bnav: \{ word: '(\w+)'.*\}/g)];
    const wanted = led.flatMap(([nav, name = '']) => [
      `nav.${name}`,
      ...(nav.includes('isMore: true') ? [`more.${name}`] : []),
    ]);
    expect(wanted.filter((path) => !english.includes(path))).to.deep.equal([]);
    expect(wanted).to.include.members(['nav.devices', 'more.policy']);
  });

  it('are all named by a view or a page', () => {
    const named = new Set(inViews);
    // `states.${state}`, and the words of forms.
    const begun = [...code.matchAll(/`(\w+(?:\.\w+)*)\.\$\{/g), ...code.matchAll(/formsFor\(looking, '(\w+)'\)/g)].map(
      ([, path]) => `${path}.`,
    );
    const unused = english.filter(
      (path) => !named.has(path) && !code.includes(`'${path}'`) && !begun.some((each) => path.startsWith(each)),
    );
    expect(unused).to.deep.equal([]);
  });
});

function pathsOf(words: Words, above = ''): readonly string[] {
  return Object.entries(words)
    .flatMap(([name, below]) => (typeof below === 'string' ? [`${above}${name}`] : pathsOf(below, `${above}${name}.`)))
    .toSorted();
}

/** What views name as `t.…`. */
function wordsIn(parsed: ReturnType<typeof Mustache.parse>): readonly string[] {
  return (parsed as readonly (readonly unknown[])[]).flatMap(([, name, , , inside]) => [
    ...(typeof name === 'string' && name.startsWith('t.') ? [name.slice(2)] : []),
    ...(Array.isArray(inside) ? wordsIn(inside as ReturnType<typeof Mustache.parse>) : []),
  ]);
}
