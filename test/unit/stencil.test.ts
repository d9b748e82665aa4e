import { expect } from 'chai';
import * as fc from 'fast-check';
import { Secret } from '../../src/domain/secret.ts';
import type { Family, FileAsked } from '../../src/phones/family/family.ts';
import type { LineFacts } from '../../src/phones/view/facts.ts';
import { renderFile } from '../../src/phones/view/render.ts';
import { cutStencil, presenceOf } from '../../src/phones/view/stencil.ts';
import { textsBy, viewBy } from '../../src/provisioning/files/viewFor.ts';
import * as facts from '../support/phoneFacts.ts';
import { runs } from '../support/runs.ts';

const families = facts.shippedFamilies();
const withFiles = families.all.filter(({ files }) => files.size > 0);

/** Whatever a name, a number or a password may be; also nothing, where there may be nothing. */
const text = fc.oneof(
  fc.string({ minLength: 1, maxLength: 20 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  fc.constantFrom('"', '<&>', 'a\nb', '{{x}}', '\u0000', '\ud800', 'Ann  Lee', 'ш', '😀'),
);
const phone = fc.record({
  mac: fc.stringMatching(/^[0-9a-f]{12}$/),
  firmware: text,
  token: fc.stringMatching(/^[A-Za-z0-9]{24}$/),
  texts: fc.array(text, { minLength: 8, maxLength: 8 }),
});
const shape = fc.record({
  model: fc.nat(),
  users: fc.integer({ min: 0, max: 3 }),
  defaults: fc.integer({ min: 0, max: 2 }),
  label: fc.constantFrom('extension', 'name', 'both'),
  keys: fc.array(
    fc.record({
      kind: fc.constantFrom('line', 'blf', 'speed_dial', 'park', 'self_provisioning'),
      label: fc.oneof(fc.constant(''), text),
      value: text,
      line: fc.integer({ min: 1, max: 3 }),
    }),
    { maxLength: 6 },
  ),
  codecs: fc.subarray(['opus', 'alaw', 'g722', 'ulaw'], { minLength: 1 }),
  srtp: fc.boolean(),
  voicemail: fc.option(fc.constantFrom('*97', '500')),
  hasToken: fc.boolean(),
  hasFirmware: fc.boolean(),
});
type Phone = typeof phone extends fc.Arbitrary<infer T> ? T : never;
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

describe('A stencil', () => {
  for (const family of withFiles) {
    it(`of ${family.id} makes the file that rendering makes, whoever's phone it is`, function () {
      this.timeout(20_000);
      let [filled, tried] = [0, 0];
      fc.assert(
        fc.property(shape, phone, phone, (common, one, other) => {
          const [first, second] = [factsOf(family, common, one), factsOf(family, common, other)];
          const texts = textsBy(families, second);
          tried += 1;
          for (const file of filesOf(family)) {
            const stencil = cutStencil(families, file, (marked) => viewBy(families, first, marked));
            if (stencil === undefined || presenceOf(textsBy(families, first)) !== presenceOf(texts)) continue;
            filled += 1;
            const rendered = renderFile(families, file, viewBy(families, second));
            expect(stencil.fill(texts).toString('latin1')).to.equal(rendered.body.toString('latin1'));
          }
        }),
        runs(15),
      );
      // Most pairs have the same texts: nothing here is passed by.
      expect(filled).to.be.greaterThan(tried / 4);
    });
  }

  it('is not cut where a line that is too long is left out', () => {
    const [family] = withFiles;
    if (family === undefined) throw new Error('there are no families');
    const files = new Map([...family.files].map(([name, entry]) => [name, { ...entry, max_line: 80 }]));
    const limited = { ...families, byId: new Map([[family.id, { ...family, files }]]) };
    const view = facts.lineFacts(facts.phone(family.id));
    for (const file of filesOf(family))
      expect(cutStencil(limited, file, (marked) => viewBy(limited, view, marked))).to.equal(undefined);
  });
});

function filesOf(family: Family): readonly FileAsked[] {
  return [...family.files.values()].map(({ name, role }) => ({ familyId: family.id, kind: 'template', name, role }));
}

function factsOf(family: Family, common: Shape, { mac, firmware, token, texts }: Phone): LineFacts {
  const model = [null, ...family.models.names][common.model % (family.models.names.length + 1)] ?? null;
  const at = (index: number): string => texts[index % texts.length] ?? '';
  const settings = { ...facts.lineSettings, ...common, label: common.label as 'both' };
  const isUsers = common.users > 0;
  const line = (slot: number) => ({
    slot,
    id: String(slot),
    mac,
    endpoint: at(slot),
    authName: at(slot + 1),
    secret: new Secret(at(slot + 2)),
    md5Credential: at(slot + 3),
  });
  return {
    device: { family: family.id, model, firmware: common.hasFirmware ? firmware : null, mac },
    tenant: { ...facts.tenant, policySays: { defaultNumbers: common.srtp ? { from: '90', to: '99' } : null } },
    settings: { ...facts.settings, keys: common.keys },
    server: { ...facts.server, authority: facts.authority },
    deliveryUrl: common.hasToken ? new Secret(`http://192.0.2.10:8080/p/${token}/`) : null,
    lines: Array.from({ length: common.users }, (_, index) => ({
      line: { ...facts.userLine, ...line(index + 1) },
      user: { ...facts.user, extension: at(index + 4), name: at(index + 5) },
      tenant: { ...facts.tenant, id: `tenant ${index}`, extension: `*5${index}` },
      settings,
    })),
    defaultLines: Array.from({ length: common.defaults }, (_, index) => ({
      line: { ...facts.defaultLine, ...line(common.users + index + 1), number: isUsers ? null : at(index) },
      settings: { ...settings, transport: 'udp' as const },
    })),
  };
}
