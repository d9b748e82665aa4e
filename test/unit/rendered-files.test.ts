import { expect } from 'chai';
import * as fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { Family } from '../../src/phones/family/family.ts';
import { renderFile } from '../../src/phones/view/render.ts';
import { lineView } from '../../src/phones/view/view.ts';
import * as facts from '../support/phoneFacts.ts';
import { runs } from '../support/runs.ts';

const families = facts.shippedFamilies();

/** Whatever somebody may call himself or a line: traps of every format, and any other character. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      ...'"\'<>&%$;=#\\{}[]|:, \n\r\0\t\u2028',
      '😀',
      'ש',
      '\ud800',
      '{{{x}}}',
      '</a>',
      ']]>',
      '%NULL%',
      '<!--',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  minLength: 1,
  maxLength: 200,
});

/** A device's files with this display name and key label: what stands in them apart from these two. */
function skeletons(family: Family, name: string, label: string): readonly unknown[] {
  const view = lineView(
    families,
    facts.lineFacts(facts.phone(family.id), {
      lines: [
        { line: facts.userLine, user: { ...facts.user, name }, tenant: facts.tenant, settings: facts.lineSettings },
      ],
      settings: { ...facts.settings, keys: [{ kind: 'speed_dial', label, value: '1000', line: 1 }] },
    }),
  );
  return [...family.files]
    .filter(([, file]) => file.role === 'device')
    .map(([file, { format }]) => {
      const asked = { familyId: family.id, kind: 'template', name: file, role: 'device' } as const;
      const body = renderFile(families, asked, view).body.toString();
      if (format === 'json') return shape(JSON.parse(body));
      if (format === 'quoted') return body.split(/[\r\n]+/).map((line) => line.replaceAll(/"[^"]*"/g, '""'));
      if (format !== 'xml') return body.split(/[\r\n]+/).map((line) => line.split(/[=:]/, 1)[0]?.trim());
      expect(XMLValidator.validate(body)).to.equal(true);
      return shape(new XMLParser({ ignoreAttributes: false, preserveOrder: true, trimValues: false }).parse(body));
    });
}

/** The same with every text made empty. */
function shape(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, entry: unknown) => (typeof entry === 'string' ? '' : entry)));
}

describe('A file', () => {
  for (const family of families.all.filter(({ files }) => files.size > 0)) {
    it(`of ${family.id} has the same settings whatever a person and a key are called`, () => {
      const plain = skeletons(family, 'Ann Lee', 'Bo');
      fc.assert(
        fc.property(text, text, (name, label) => {
          // Lines that a family leaves out because they would be too long are missing on purpose.
          if ([...family.files.values()].some(({ max_line }) => max_line !== undefined)) return;
          expect(skeletons(family, `a${name}`, `b${label}`)).to.deep.equal(plain);
        }),
        runs(40),
      );
    });
  }
});
