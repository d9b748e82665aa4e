import { expect } from 'chai';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PLAIN_DEFAULT_LINE } from '../../src/domain/lineSettings.ts';
import type { Key } from '../../src/domain/deviceSettings.ts';
import { packageRoot } from '../../src/packageRoot.ts';
import { renderFile } from '../../src/phones/view/render.ts';
import { bootstrapView, lineView } from '../../src/phones/view/view.ts';
import type { PhoneFacts } from '../../src/phones/view/facts.ts';
import type { View } from '../../src/phones/template/viewTypes.ts';
import { expectGolden } from '../support/golden.ts';
import * as facts from '../support/phoneFacts.ts';

const golden = join(packageRoot, 'test/golden');
const families = facts.shippedFamilies();

const KEYS: readonly Key[] = [
  { kind: 'speed_dial', label: 'Reception', value: '1000', line: 1 },
  { kind: 'blf', label: 'Bo', value: '1501', line: 1 },
  { kind: 'park', label: 'Park', value: '700', line: 1 },
  { kind: 'transfer', label: 'Transfer', value: null, line: 1 },
  { kind: 'voicemail', label: 'Messages', value: '*97', line: 1 },
];

const DEFAULT_LINES = [facts.defaultLine, facts.secondDefaultLine].map((line) => ({
  line,
  settings: PLAIN_DEFAULT_LINE,
}));

/** What each file is rendered from. Files without secrets are the same for all, so they are rendered once. */
const VIEWS: Readonly<Record<string, (device: PhoneFacts) => View>> = {
  open: (device) => bootstrapView(families, facts.bootstrapFacts(device, { defaultLines: [], deliveryUrl: null })),
  bootstrap: (device) => bootstrapView(families, facts.bootstrapFacts(device)),
  user: (device) => lineView(families, facts.lineFacts(device)),
  ports: (device) => bootstrapView(families, facts.bootstrapFacts(device, { defaultLines: DEFAULT_LINES })),
  'one-port': (device) =>
    lineView(
      families,
      facts.lineFacts(device, {
        defaultLines: DEFAULT_LINES.slice(0, 1),
        lines: [
          {
            line: { ...facts.userLine, slot: 2 },
            user: facts.user,
            tenant: facts.tenant,
            settings: facts.lineSettings,
          },
        ],
      }),
    ),
  everything: (device) =>
    lineView(
      families,
      facts.lineFacts(device, {
        server: { ...facts.server, authority: facts.authority, outboundProxy: { host: 'proxy.example', port: 5065 } },
        settings: {
          ...facts.settings,
          language: 'de-DE',
          timeZone: 'America/New_York',
          keys: KEYS,
          clock: '12',
          dateFormat: 'mdy',
          dialRules: ['1[5-7]XX', '*XX', '0.'],
          firmware: [{ model: '*', file: 'phone-1.2.bin', version: '1.2' }],
        },
        lines: [
          {
            line: facts.userLine,
            user: facts.user,
            tenant: facts.tenant,
            settings: { ...facts.lineSettings, transport: 'tls', srtp: true },
          },
          {
            line: { ...facts.userLine, id: 'second', slot: 2, endpoint: '1501', authName: '1501-001565aabbcc' },
            user: { ...facts.user, extension: '1501', name: 'Bo Ek' },
            tenant: facts.tenant,
            settings: { ...facts.lineSettings, transport: 'tcp', codecs: ['opus', 'ulaw'], voicemail: null },
          },
        ],
      }),
    ),
  hostile: (device) =>
    lineView(
      families,
      facts.lineFacts(device, {
        settings: { ...facts.settings, timeZone: 'Asia/Kolkata', ntpServer: null, webPassword: null },
        lines: [
          {
            line: facts.userLine,
            user: { ...facts.user, name: `"O'Neil" <&> %$;=#\\ {{x}}\r\nadmin = 1\0 \u202eשלום 😀` },
            tenant: facts.tenant,
            settings: facts.lineSettings,
          },
        ],
      }),
    ),
};

const scenesOf = (ports: number): readonly string[] => [
  ...['bootstrap', 'user', 'everything', 'hostile'],
  ...(ports > 1 ? ['ports', 'one-port'] : []),
];

describe('Files of', () => {
  for (const family of families.all.filter(({ files }) => files.size > 0)) {
    describe(family.id, () => {
      const folder = join(golden, family.id);
      const models = existsSync(folder) ? readdirSync(folder) : [];

      it('have golden files for at least one model', () => {
        expect(models, `make the folder test/golden/${family.id}/<model>`).not.to.deep.equal([]);
      });

      for (const model of models) {
        const device = facts.phone(family.id, model);
        for (const [name, file] of family.files) {
          for (const scene of file.role === 'device' ? scenesOf(family.models.get(model).ports) : ['open']) {
            it(`${model}: ${name}, ${scene}`, () => {
              const view = VIEWS[scene]?.(device);
              if (view === undefined) throw new Error(scene);
              const asked = { familyId: family.id, kind: 'template', name, role: file.role } as const;
              const { body } = renderFile(families, asked, view);
              expectGolden(join(folder, model, scene, name.replaceAll(/[{}]/g, '_')), body);
            });
          }
        }
      }
    });
  }
});
