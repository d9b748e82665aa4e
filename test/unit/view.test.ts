import { expect } from 'chai';
import { Secret } from '../../src/domain/secret.ts';
import { isRefusal } from '../../src/domain/errors.ts';
import { renderFile } from '../../src/phones/view/render.ts';
import { PLAIN_DEFAULT_LINE, type LineSettings } from '../../src/domain/lineSettings.ts';
import { isDefaultLine } from '../../src/domain/device.ts';
import { bootstrapView, lineView } from '../../src/phones/view/view.ts';
import type { LineFacts } from '../../src/phones/view/facts.ts';
import type { View } from '../../src/phones/template/viewTypes.ts';
import * as facts from '../support/phoneFacts.ts';

const families = facts.shippedFamilies();
const device = facts.phone('yealink', 'no such model');

describe('The view of a phone without a user', () => {
  const view = bootstrapView(families, facts.bootstrapFacts(device));

  it('has the default line, says what to do, and has a key that does it', () => {
    expect(view.is_bootstrap).to.equal(true);
    expect(view.lines.map((line) => [line.index, line.label, line.user_name, line.password])).to.deep.equal([
      [1, 'Dial *55 to set up', 'phone-001565aabbcc', 'Default-Line-Secret'],
    ]);
    expect(view.feature_keys.map((key) => [key.position, key.kind, key.value])).to.deep.equal([
      [1, 'speed_dial', '*55'],
    ]);
  });

  it('switches off every other line and clears every other key of the model', () => {
    expect(view.unused_lines.map(({ index }) => index)).to.deep.equal(upTo(2, view.model.lines));
    expect(view.unused_keys.map(({ index }) => index)).to.deep.equal(upTo(3, view.model.keys));
  });

  it('takes no line of a user', () => {
    expect(isDefaultLine(facts.userLine)).to.equal(false);
    expect(isDefaultLine(facts.defaultLine)).to.equal(true);
    expect(JSON.stringify(view)).not.to.contain('User-Line-Secret');
  });

  it('without a default line holds no secret at all', () => {
    const open = JSON.stringify(
      bootstrapView(families, facts.bootstrapFacts(device, { defaultLines: [], deliveryUrl: null })),
    );
    for (const secret of ['Default-Line-Secret', 'delivery-token', 'Web-Password-1'])
      expect(open).not.to.contain(secret);
  });
});

describe('The view of an adapter that has two places for settings of servers', () => {
  const adapter = facts.phone('grandstream-ht81x', 'HT814');
  const nobodys = [1, 2].map((slot) => ({ line: { ...facts.defaultLine, slot }, settings: PLAIN_DEFAULT_LINE }));
  const users = (...says: readonly Partial<LineSettings>[]): LineFacts['lines'] =>
    says.map((each, at) => ({
      line: { ...facts.userLine, slot: 3 + at },
      ...{ user: facts.user, tenant: facts.tenant, settings: { ...facts.lineSettings, ...each } },
    }));
  const viewOf = (...says: readonly Partial<LineSettings>[]): View =>
    lineView(families, facts.lineFacts(adapter, { defaultLines: nobodys, lines: users(...says) }));

  it('has lines with the same settings share one', () => {
    const { lines, profiles, unused_profiles: unused } = viewOf({ srtp: true }, { srtp: true });
    expect(lines.map(({ index, profile }) => [index, profile])).to.deep.equal([
      [1, 2],
      [2, 2],
      [3, 1],
      [4, 1],
    ]);
    expect(profiles.map(({ index, srtp, is_default: isDefault }) => [index, srtp, isDefault])).to.deep.equal([
      [1, true, false],
      [2, false, true],
    ]);
    expect(unused).to.deep.equal([]);
    expect(
      bootstrapView(families, facts.bootstrapFacts(adapter)).unused_profiles.map(({ index }) => index),
    ).to.deep.equal([2]);
  });

  it('leaves out default lines before users’ lines when there are too few, and says so', () => {
    const view = viewOf({ srtp: true }, { transport: 'tcp' });
    expect(view.lines.map(({ index }) => index)).to.deep.equal([3, 4]);
    expect(view.unused_lines.map(({ index }) => index)).to.deep.equal([1, 2]);
    const file = { familyId: 'grandstream-ht81x', kind: 'template', name: 'cfg{mac}.xml', role: 'device' } as const;
    expect(renderFile(families, file, view).notes).to.deep.equal([
      'line 1 “Dial *55 to set up”: no place for its server is left',
      'line 2 “Dial *55 to set up”: no place for its server is left',
    ]);
  });
});

describe("The view of a user's phone", () => {
  const view = lineView(families, facts.lineFacts(device));

  it('has the line as its template wants it', () => {
    expect(view.lines[0]).to.deep.include({
      label: '1500',
      display_name: 'Ann Lee',
      user_name: '1500',
      auth_name: '1500-001565aabbcc',
      password: 'User-Line-Secret',
      port: 5060,
      expiry: 600,
      voicemail_number: '*97',
    });
    expect(view.lines[0]?.codecs.map(({ name, index, is_last }) => [name, index, is_last])).to.deep.equal([
      ['g722', 1, false],
      ['alaw', 2, false],
      ['ulaw', 3, true],
    ]);
  });

  it('shows waiting messages where it has a mailbox, or a number to hear them', () => {
    const shows = (said: Partial<LineSettings>): unknown => {
      const settings = { ...facts.lineSettings, voicemail: null, mailbox: null, ...said };
      const line = { line: facts.userLine, user: facts.user, tenant: facts.tenant, settings };
      return lineView(families, facts.lineFacts(device, { lines: [line] })).lines[0]?.mwi;
    };
    expect([shows({}), shows({ mailbox: '1500@house' }), shows({ voicemail: '*97' })]).to.deep.equal([
      false,
      true,
      true,
    ]);
  });

  it('has the code before the number of each lamp, as its line says', () => {
    const settings = { ...facts.lineSettings, pickupCode: '**' };
    const line = { line: facts.userLine, user: facts.user, tenant: facts.tenant, settings };
    const keys = [{ kind: 'blf' as const, label: 'Bob', value: '1501', line: 1 }];
    const view = lineView(families, facts.lineFacts(device, { lines: [line], settings: { ...facts.settings, keys } }));
    expect(view.keys.find(({ is_blf: isBlf }) => isBlf)?.pickup_code).to.equal('**');
  });

  it('has the name as a quoted string, for an address with a name', () => {
    const named = {
      line: facts.userLine,
      user: { ...facts.user, name: 'Ann "\\" Lee' },
      tenant: facts.tenant,
      settings: facts.lineSettings,
    };
    const [line] = lineView(families, facts.lineFacts(device, { lines: [named] })).lines;
    expect(line?.quoted_display_name).to.equal(String.raw`"Ann \"\\\" Lee"`);
  });

  it('says whether the phone stays with its user', () => {
    const of = (userType: 'standard' | 'hot_desk'): unknown => {
      const { settings } = lineView(families, facts.lineFacts(device, { settings: { ...facts.settings, userType } }));
      return [settings.user_type, settings.is_hot_desk];
    };
    expect(of('standard')).to.deep.equal(['standard', false]);
    expect(of('hot_desk')).to.deep.equal(['hot_desk', true]);
  });

  it('has the web password in digits for phones that take no other, where it is digits', () => {
    const of = (webPassword: string): string | null =>
      lineView(
        families,
        facts.lineFacts(device, { settings: { ...facts.settings, webPassword: new Secret(webPassword) } }),
      ).settings.web_password_digits;
    expect([of('4711'), of('a4711')]).to.deep.equal(['4711', null]);
  });

  it('clears the key that the default line had and leaves the others to the user', () => {
    expect(view.unused_keys.map(({ index }) => index)).to.deep.equal([2]);
  });

  it('has the port of the transport', () => {
    const settings = { ...facts.lineSettings, transport: 'tls' } as const;
    const tls = lineView(
      families,
      facts.lineFacts(device, { lines: [{ line: facts.userLine, user: facts.user, tenant: facts.tenant, settings }] }),
    );
    expect(tls.lines[0]?.port).to.equal(5061);
    expect(tls.lines[0]?.transport).to.include({ name: 'tls', is_tls: true, is_udp: false });
  });

  it('leaves out codecs that the phone does not have and lines beyond its last', () => {
    const settings = { ...facts.lineSettings, codecs: ['slin192', 'ulaw'] };
    const far = { ...facts.userLine, slot: 500 };
    const lines = [facts.userLine, far].map((line) => ({ line, user: facts.user, tenant: facts.tenant, settings }));
    const narrow = lineView(families, facts.lineFacts(device, { lines }));
    expect(narrow.lines.map(({ index, codecs }) => [index, codecs.map(({ name }) => name)])).to.deep.equal([
      [1, ['ulaw']],
    ]);
  });
});

describe('A view', () => {
  it('says of a slot which one it is, by fields that are empty for the others', () => {
    const two = lineView(
      families,
      facts.lineFacts(facts.phone('grandstream'), {
        lines: [1, 2].map((slot) => ({
          line: { ...facts.userLine, slot },
          user: facts.user,
          tenant: facts.tenant,
          settings: facts.lineSettings,
        })),
      }),
    );
    expect(two.lines.map(({ fields }) => [fields['is_1'], fields['is_2']])).to.deep.equal([
      ['yes', ''],
      ['', 'yes'],
    ]);
  });

  it('has the address of delivery in all its parts', () => {
    const { provisioning } = bootstrapView(
      families,
      facts.bootstrapFacts(device, { deliveryUrl: new Secret('https://pbx.example/p/t0k3n/') }),
    );
    expect(provisioning).to.deep.include({
      url: 'https://pbx.example/p/t0k3n/',
      address: 'pbx.example/p/t0k3n/',
      path: '/p/t0k3n/',
      folder: 'p/t0k3n',
      open_url: 'http://192.0.2.10:8080/',
      open_address: '192.0.2.10:8080/',
      scheme: 'https',
      is_https: true,
      host: 'pbx.example',
      port: 443,
    });
  });

  it('spells the time zone in every way that phones want', () => {
    const zone = (timeZone: string) =>
      bootstrapView(families, facts.bootstrapFacts(device, { settings: { ...facts.settings, timeZone } })).settings
        .time_zone;
    expect(zone('Asia/Kolkata')).to.include({
      offset_hours: '+5:30',
      offset_hhmm: '+05:30',
      west_minutes: -330,
      has_dst: false,
    });
    expect(zone('America/New_York')).to.include({
      offset_hours: '-5',
      offset_seconds: -18000,
      offset_quarters: -20,
      is_west: true,
    });
    expect(zone('UTC')).to.include({ offset_hours: '0', offset_hhmm: '+00:00', west_minutes: 0 });
    expect(zone('No/Where')).to.include({ name: 'No/Where', offset_minutes: 0, posix: 'UTC0' });
  });

  it('holds plain data that nothing can be looked up in but what was put there', () => {
    const view = bootstrapView(families, facts.bootstrapFacts(device));
    expect(Object.isFrozen(view) && Object.isFrozen(view.lines[0])).to.equal(true);
    expect(Reflect.has(view, 'constructor') || Reflect.has(view.settings, 'toString')).to.equal(false);
  });

  it('of the same phone asks for its files at the same time of night, of different phones at different times', () => {
    const at = (mac: string) => {
      const { refresh } = bootstrapView(families, facts.bootstrapFacts(facts.phone('yealink', null, mac))).settings;
      return `${refresh.at_hour}:${refresh.at_minute}`;
    };
    expect(at('001565aabbcc'))
      .to.equal(at('001565aabbcc'))
      .and.to.match(/^0[1-4]:[0-5]\d$/);
    expect(new Set(['001565aabbcc', '001565aabbcd', '001565aabbce', '001565aabbcf'].map(at)).size).to.be.greaterThan(1);
  });

  it('is refused for a family that is not there, and so is a file it does not make', () => {
    const refused = (work: () => unknown): boolean => {
      try {
        work();
        return false;
      } catch (error) {
        return isRefusal(error, 'not_found');
      }
    };
    const view = bootstrapView(families, facts.bootstrapFacts(device));
    const file = { familyId: 'yealink', kind: 'template', name: 'no such file', role: 'device' } as const;
    expect(refused(() => bootstrapView(families, facts.bootstrapFacts(facts.phone('nobody'))))).to.equal(true);
    expect(refused(() => renderFile(families, file, view))).to.equal(true);
    expect(refused(() => renderFile(families, { ...file, familyId: 'nobody' }, view))).to.equal(true);
  });
});

function upTo(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
}
