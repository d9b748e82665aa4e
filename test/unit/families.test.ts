import { expect } from 'chai';
import { join } from 'node:path';
import { packageRoot } from '../../src/packageRoot.ts';
import { loadFamilies } from '../../src/phones/catalog/loadFamilies.ts';
import { notification } from '../../src/phones/family/notification.ts';
import { recognise } from '../../src/phones/recognise/recognise.ts';
import { renderFile } from '../../src/phones/view/render.ts';
import { bootstrapView } from '../../src/phones/view/view.ts';
import { bootstrapFacts, settings, phone, shippedFamilies, templates } from '../support/phoneFacts.ts';
import { expectMistakes, mistakesOf } from '../support/familyMistakes.ts';

const fixtures = join(packageRoot, 'test/fixtures');

const mistakes = (...directories: readonly string[]): readonly string[] =>
  mistakesOf(() => loadFamilies(directories), fixtures);

describe('The shipped families', () => {
  it('load without a mistake', () => {
    expect(mistakes(templates)).to.deep.equal([]);
  });

  it('with files say how they are notified and what is left out', () => {
    for (const { id, data, files } of shippedFamilies().all) {
      if (files.size > 0)
        expect(Object.keys(data.abilities), id).to.include.members(['token_url', 'fetch_without_reboot']);
    }
  });
});

describe('Families', () => {
  it('that are broken are refused with every mistake at once: file, line and reason', () => {
    const found = mistakes(join(fixtures, 'broken'), join(fixtures, 'no-such-directory'));
    const expected = [
      'broken/one/family.yaml:1: vendor: must be lower-case letters',
      'broken/one/family.yaml:5: files.0.role:',
      'broken/one/family.yaml:5: files.0.template: must be a file of this folder',
      'broken/one/family.yaml:3: colour: unknown key',
      'broken/two/family.yaml:5: user_agents.0: a+ can also match what comes after it',
      'broken/two/family.yaml:6: user_agents.1: at character 4: only (?:…)',
      'broken/two/family.yaml:7: user_agents.2: the group <colour> means nothing here',
      'broken/two/family.yaml:10: files.1: a.cfg occurs twice',
      'broken/two/family.yaml:10: there is no missing.mustache',
      'broken/two/family.yaml:9: files: one file of a device at least must have its lines',
      'broken/two/family.yaml:9: files: a family with files needs notify',
      'broken/two/family.yaml:18: fields.banks: has nothing for page',
      'broken/two/family.yaml:15: models.table.1.quirks.unknown: needs a value in models.defaults.quirks',
      'broken/two/family.yaml:17: fields.lines.1: must have the keys of the first entry',
      'broken/two/family.yaml:14: models.table.0.ports: a port needs a line of its own',
      'broken/two/common.mustache:2: {{{device.mac}}} is not escaped',
      'broken/two/common.mustache:3: device.colour is not in the view',
      'broken/two/common.mustache:4: a common file must not hold lines',
      'broken/two/common.mustache:5: a common file must not hold password',
      'broken/two/common.mustache:7: a common file must not hold provisioning.url',
      'broken/two/part.mustache:1: part.mustache includes itself',
      'broken/two/part.mustache:2: unused_lines is not a single value',
      'broken/two/part.mustache:3: toString is not in the view',
      'broken/two/part.mustache:3: lines.length is not in the view',
      'two/family.yaml: before: there is no family nobody',
      'broken/three/family.yaml:4: paths.1: .* can also match',
      'two/family.yaml: only-mine\\.cfg is claimed by three too',
      'two/family.yaml: the OUI 00a1b2 is claimed by three too',
      'no-such-directory: there is no such directory',
    ];
    expectMistakes(found, expected);
  });

  it('are replaced file by file and added by a later directory', () => {
    const site = loadFamilies([join(fixtures, 'families'), join(fixtures, 'site')]);
    const view = bootstrapView(site, bootstrapFacts(phone('acme')));
    const common = { familyId: 'acme', kind: 'template', name: 'start{code}.cfg', role: 'common' } as const;
    expect(renderFile(site, common, view).body.toString()).to.equal(`site zone = ${settings.timeZone}\n`);
    expect(site.byId.get('acme')?.templates.has('device.mustache')).to.equal(true);
  });

  it('that a site makes up are recognised, served and notified like shipped ones', () => {
    const site = loadFamilies([templates, join(fixtures, 'site-alone')]);
    const asked = recognise(site, {
      path: '/p/token/00c0ffee0001.json',
      userAgent: 'MadeUp/4.2 00:c0:ff:ee:00:01',
      method: 'GET',
      transport: 'http',
    });
    expect(asked).to.include({ vendor: 'made-up', family: 'made-up', version: '4.2', mac: '00c0ffee0001' });
    if (asked.file === null) throw new Error('no file');
    const { contentType, body } = renderFile(site, asked.file, bootstrapView(site, bootstrapFacts(phone('made-up'))));
    expect(contentType).to.equal('application/json');
    expect(JSON.parse(body.toString())).to.deep.equal({
      url: 'http://192.0.2.10:8080/p/delivery-token/',
      accounts: [
        {
          name: 'Dial *55 to set up',
          user: 'phone-001565aabbcc',
          password: 'Default-Line-Secret',
          transport: 'UDP',
        },
      ],
    });
    expect(notification(site, 'made-up', 'fetch')).to.deep.equal({ event: 'fetch-now', contentType: null, body: null });
  });

  it('are notified in their own spelling, with a body where they need one, and by check-sync when nobody knows them', () => {
    const families = loadFamilies([join(fixtures, 'families')]);
    expect(notification(families, 'acme', 'reboot')).to.deep.equal({
      event: 'service-control',
      contentType: 'text/plain',
      body: 'action=reset\r\n',
    });
    expect(notification(families, 'bolt', 'fetch').event).to.equal('resync');
    expect(notification(families, 'unknown', 'fetch').event).to.equal('check-sync');
  });
});
