import { expect } from 'chai';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../src/packageRoot.ts';
import type { Families } from '../../src/phones/family/family.ts';
import { compiledIn, NOTHING_COMPILED } from '../../src/phones/catalog/compiled.ts';
import { loadFamilies } from '../../src/phones/catalog/loadFamilies.ts';
import { notification } from '../../src/phones/family/notification.ts';
import { recognise } from '../../src/phones/recognise/recognise.ts';
import { renderFile } from '../../src/phones/view/render.ts';
import { bootstrapView, lineView } from '../../src/phones/view/view.ts';
import { compiledShipped } from '../support/compiledShipped.ts';
import { bootstrapFacts, lineFacts, phone, templates } from '../support/phoneFacts.ts';
import { expectMistakes, mistakesOf } from '../support/familyMistakes.ts';
import { MADE_UP as FAMILY } from '../support/madeUpFamily.ts';

/** As `npm run build` leaves them. */
const built = compiledIn(JSON.stringify(compiledShipped()));

for (const [how, compiled] of [
  ['read from the source', NOTHING_COMPILED],
  ['beside a built program', built],
] as const)
  describe(`A site's own families, ${how},`, () => {
    let site: string;
    beforeEach(() => {
      site = mkdtempSync(join(tmpdir(), 'selfprov-site-'));
    });
    afterEach(() => rmSync(site, { recursive: true }));

    function write(file: string, text: string): void {
      mkdirSync(dirname(join(site, file)), { recursive: true });
      writeFileSync(join(site, file), text);
    }
    const load = (): Families => loadFamilies([templates, site], compiled);

    /** What a phone with this User-Agent gets for this path. */
    function served(families: Families, path: string, userAgent: string, extension?: '1500'): string {
      const asked = recognise(families, { path, userAgent, method: 'GET', transport: 'http' });
      if (asked.file === null) throw new Error(`nobody knows ${path}`);
      const device = { ...phone(asked.file.familyId), model: asked.model };
      const view =
        extension === undefined
          ? bootstrapView(families, bootstrapFacts(device))
          : lineView(families, lineFacts(device));
      return renderFile(families, asked.file, view).body.toString();
    }

    it('are recognised, served and notified when their folder is there, with no line of code', () => {
      const agent = 'MadeUp M1/4.2 00:c0:ff:ee:00:01';
      expect(() => served(load(), '/00c0ffee0001.ini', agent)).to.throw(/nobody knows/);
      write('made-up/family.yaml', FAMILY);
      write('made-up/device.mustache', '{{#lines}}{{index}}={{auth_name}}@{{host}};{{transport.spelling}}\n{{/lines}}');
      const families = load();
      expect(recognise(families, { path: null, userAgent: agent, method: 'GET', transport: 'http' })).to.include({
        ...{ vendor: 'made-up', family: 'made-up', model: 'M1', version: '4.2', mac: '00c0ffee0001' },
      });
      expect(served(families, '/p/t/00c0ffee0001.ini', agent)).to.equal('1=phone-001565aabbcc@192.0.2.10;UDP\n');
      expect(served(families, '/00c0ffee0001.ini', agent, '1500')).to.equal('1=1500-001565aabbcc@192.0.2.10;UDP\n');
      expect(notification(families, 'made-up', 'fetch').event).to.equal('fetch-now');
    });

    it('may be links to folders elsewhere', () => {
      symlinkSync(join(packageRoot, 'test/fixtures/site-alone/made-up'), join(site, 'linked'));
      expect(load().byId.get('linked')?.data.vendor).to.equal('made-up');
    });

    it('shadow one template of a shipped family and leave the rest of it as it is', () => {
      const [own, common] = ['/001565aabbcc.cfg', '/y000000000066.cfg'];
      const agent = 'Yealink SIP-T46S 66.86.0.15 00:15:65:aa:bb:cc';
      const before = served(load(), common, agent);
      write('yealink/device.mustache', '#!version:1.0.0.1\naccount.1.label = {{self_provisioning.label}}\n');
      const families = load();
      expect(served(families, own, agent)).to.equal('#!version:1.0.0.1\naccount.1.label = Dial *55 to set up\n');
      expect(served(families, common, agent)).to.equal(before);
    });

    it('that are broken are refused with file, line and reason, all at once, and the set in use stays', () => {
      write('made-up/family.yaml', FAMILY);
      write('made-up/device.mustache', 'fine\n');
      const inUse = load();
      const agent = 'MadeUp M1/4.2 00:c0:ff:ee:00:01';

      write('made-up/family.yaml', FAMILY.replace('role: device', 'role: chief'));
      write('unclosed/family.yaml', FAMILY.replace('vendor: made-up', 'vendor: "unclosed'));
      write('section/family.yaml', FAMILY.replace("'{mac}.ini'", "'section.ini'"));
      write('section/device.mustache', 'one\n{{#lines}}\ntwo\n');
      write('section/tag.mustache', 'one\n\n{{lines\n');
      write('section/end.mustache', 'one\n{{/lines}}\n');
      write('empty/device.mustache', 'no family.yaml\n');
      mkdirSync(join(site, 'folder/family.yaml'), { recursive: true });
      write('snom/device.mustache', '{{no.such.thing}}\n');
      write('time-zones.json', '{\n"Europe/Berlin": "tomorrow"\n}');
      write('not-phones.yaml', "user_agents:\n  - 'fine'\n  - '(?:a+)+b'\n");
      const expected = [
        'made-up/family.yaml:5: files.0.role:',
        'unclosed/family.yaml:9: Missing closing "quote',
        'section/device.mustache:3: Unclosed section "lines"',
        'section/tag.mustache:3: Unclosed tag',
        'section/end.mustache:2: Unopened section "lines"',
        'empty: there is no family.yaml in this folder',
        'folder/family.yaml: cannot be read: EISDIR',
        'snom/device.mustache:1: no.such.thing is not in the view',
        'time-zones.json:2: Europe/Berlin: is not a POSIX TZ rule',
        'not-phones.yaml:3: ',
      ];
      const found = mistakesOf(load, site);
      expectMistakes(found, expected);
      expect(served(inUse, '/00c0ffee0001.ini', agent)).to.equal('fine\n');
    });

    it('that are mended are taken again', () => {
      cpSync(join(packageRoot, 'test/fixtures/broken'), site, { recursive: true });
      expect(mistakesOf(load, site)).not.to.deep.equal([]);
      for (const folder of ['one', 'two', 'three']) rmSync(join(site, folder), { recursive: true });
      expect(mistakesOf(load, site)).to.deep.equal([]);
    });
  });
