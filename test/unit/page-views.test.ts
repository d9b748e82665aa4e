import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/packageRoot.ts';

const folder = join(packageRoot, 'src/page/views');

describe('A part of a page that is fetched again and again', () => {
  it('hands nothing of that down to the buttons in it, whose answers would not be shown', () => {
    const views = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
    const parts = views.flatMap(({ name, text }) =>
      [...text.matchAll(/<(\w+)[^>]*hx-trigger="every [^>]*hx-select=[^>]*>/g)].flatMap((found) => {
        const [tag, element = ''] = found;
        // As far as the next end of such an element at the beginning of a line: a part is one.
        const inside = text.slice(found.index).split(`\n</${element}>`)[0] ?? '';
        return /\{\{> act\}\}|<form/.test(inside) ? [{ name, tag }] : [];
      }),
    );
    expect(parts.map(({ name }) => name)).to.include.members(['overview.mustache', 'syncs.mustache']);
    expect(parts.filter(({ tag }) => !tag.includes('hx-disinherit="*"'))).to.deep.equal([]);
  });
});
