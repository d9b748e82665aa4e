import { expect } from 'chai';
import { DATE_FORMATS, type DeviceSettings } from '../../src/domain/deviceSettings.ts';
import { deviceSettings } from '../../src/domain/levels.ts';
import { Secret } from '../../src/domain/secret.ts';
import { valuesOf, type Said } from '../../src/domain/settings.ts';
import type { Family } from '../../src/phones/family/family.ts';
import { renderFile } from '../../src/phones/view/render.ts';
import { bootstrapView, lineView } from '../../src/phones/view/view.ts';
import * as facts from '../support/phoneFacts.ts';
import { readDevice, type DeviceReading } from '../support/readers/deviceReading.ts';
import { readDialPlan } from '../support/readers/dialReading.ts';
import { limits } from '../support/readers/limits.ts';
import { ownSettings } from '../support/readers/ownFiles.ts';
import { readers } from '../../src/virtualPhone/readers/readers.ts';
import type { Settings } from '../../src/virtualPhone/readers/reading.ts';

const families = facts.shippedFamilies();
const TENANT: Said<DeviceSettings> = {
  timeZone: 'Europe/Berlin',
  ntpServer: 'ntp.tenant.example',
  language: 'en',
  refreshHours: 24,
  clock: '24',
  dateFormat: 'dmy',
};
const MODEL = 'Model 7';

/** A password of digits: phones that take no other are meant too. */
const ALL: Said<DeviceSettings> = {
  timeZone: 'Europe/London',
  ntpServer: 'ntp.user.example',
  language: 'de',
  refreshHours: 72,
  webPassword: new Secret('48291357'),
  firmware: [{ model: 'Model *', file: 'phone-1.2.bin', version: '1.2' }],
};

/** What a phone finds in its own files when its user says this and the tenant says something else. */
function settingsIn(family: Family, says: Said<DeviceSettings>): Settings {
  const reader = readers[family.id];
  if (reader === undefined) throw new Error(`${family.id} has no reader`);
  const tenant = { ...facts.tenant, deviceSays: TENANT };
  const user = { ...facts.user, deviceSays: says };
  const template = { id: 'template', tenantId: tenant.id, name: 'standard', says: {} };
  const settings = valuesOf(deviceSettings(tenant, template, user, undefined));
  const lines = [{ line: facts.userLine, user, tenant: facts.tenant, settings: facts.lineSettings }];
  const view = lineView(families, facts.lineFacts(facts.phone(family.id, MODEL), { tenant, settings, lines }));
  return ownSettings(family, reader, view);
}

function reading(family: Family, says: Said<DeviceSettings>): DeviceReading {
  return readDevice(family.id, settingsIn(family, says));
}

describe('What a user says of a phone, and the tenant otherwise, is in the file of that phone', () => {
  for (const family of families.all.filter(({ files }) => files.size > 0)) {
    const { deviceUnsaid = {}, dialUnsaid, datesUnsaid = {} } = limits[family.id] ?? {};
    const { spelling, left_out: leftOut } = family.data;
    const says = (part: keyof DeviceReading): boolean => deviceUnsaid[part] === undefined;

    describe(family.id, () => {
      for (const [part, reason] of Object.entries(deviceUnsaid)) {
        it(`apart from ${part}, for a reason that is told`, () => {
          expect(leftOut).to.include(reason);
          expect(reading(family, ALL)).not.to.have.property(part);
        });
      }

      if (says('timeZone')) {
        it('as its time zone', () => {
          const { timeZone } = reading(family, { timeZone: 'Europe/London' });
          const { names, offsets } = spelling.time_zone;
          const word = names['Europe/London'] ?? offsets['0'] ?? 'Europe/London';
          expect(timeZone).to.equal(typeof timeZone === 'number' ? 0 : word);
          if (typeof timeZone === 'number')
            expect(reading(family, { timeZone: 'America/St_Johns' }).timeZone).to.equal(-210);
        });
      }

      if (says('ntpServer')) {
        it('as its time server', () => {
          expect(reading(family, { ntpServer: 'ntp.user.example' }).ntpServer).to.equal('ntp.user.example');
        });
      }

      if (says('language')) {
        it('as its language, whichever the phone has', () => {
          const tags = Object.keys(spelling.language);
          expect(tags).not.to.deep.equal([]);
          for (const language of tags)
            expect(reading(family, { language }).language, language).to.equal(spelling.language[language]);
        });
      }

      if (says('clock')) {
        it('as the hours of its clock', () => {
          expect(reading(family, { clock: '12' }).clock).to.equal('12');
          expect(reading(family, { clock: '24' }).clock).to.equal('24');
        });
      }

      if (says('dateFormat')) {
        for (const dateFormat of DATE_FORMATS) {
          const reason = datesUnsaid[dateFormat];
          it(`as a date that is ${dateFormat}${reason === undefined ? '' : ', which the phone cannot show'}`, () => {
            expect(reading(family, { dateFormat }).dateFormat).to.equal(reason === undefined ? dateFormat : undefined);
            if (reason !== undefined) expect(leftOut).to.include(reason);
          });
        }
      }

      if (says('firmware')) {
        it('as its firmware, for the model that it is meant for', () => {
          expect(reading(family, ALL).firmware).to.match(/^(?:http:\/\/)?192\.0\.2\.10:8080\/(?:phone-1\.2\.bin)?$/);
          const other = { model: 'Other', file: 'other.bin', version: '9' };
          expect(reading(family, { firmware: [other] })).not.to.have.property('firmware');
        });
      }

      it('as dial rules, which keep no emergency number and no service from being dialled', () => {
        const rules = ['1[5-7]XX', '1X', '*XX', 'NXX', '0.'];
        const plan = readDialPlan(family.id, settingsIn(family, { dialRules: rules }));
        if (dialUnsaid !== undefined) {
          expect(leftOut).to.include(dialUnsaid);
          expect(plan).to.equal(undefined);
          return;
        }
        const atOnce = ['1599', '1700', '13', '*60', '*51', '255', '112'];
        const onTheWay = ['1', '11', '*', '*5', '*55', '*56', '*551', '159', '1899', '0', '00441', '*551500*12'];
        expect(atOnce.filter((number) => plan?.atOnce(number) !== true)).to.deep.equal([]);
        expect(onTheWay.filter((number) => plan?.atOnce(number) === true)).to.deep.equal([]);
        const all = ['*551500*1234', '*56', '112', '00441234567', '1500', '98765'];
        expect(all.filter((number) => plan?.atAll(number) !== true)).to.deep.equal([]);
      });

      it('and without dial rules any number is dialled after a pause', () => {
        const plan = readDialPlan(family.id, settingsIn(family, {}));
        const all = ['*551500*1234', '*56', '112', '00441234567', '1500'];
        expect(all.filter((number) => plan?.atAll(number) === false)).to.deep.equal([]);
        expect(all.filter((number) => plan?.atOnce(number) === true)).to.deep.equal([]);
      });

      if (says('webPassword')) {
        it('as the password of its web page', () => {
          expect(reading(family, ALL).webPassword).to.equal('48291357');
        });
      }

      if (says('refresh')) {
        it('as how often it looks for changes', () => {
          expect(reading(family, { refreshHours: 72 }).refresh).to.equal(72 * 3600);
        });
      }
    });
  }
});

describe('Files that are the same for all', () => {
  const named: readonly (readonly [string, string, RegExp])[] = [
    ['poly', '{mac}.cfg', /APP_FILE_PATH="phone-1\.2\.bin"/],
    ['poly', '000000000000.cfg', /APP_FILE_PATH="phone-1\.2\.bin"/],
    ['avaya-j100', 'J100Supgrade.txt', /^SET APPNAME "phone-1\.2\.bin"$/m],
  ];
  for (const [family, name, line] of named) {
    it(`${name} of ${family} names the firmware of the tenant`, () => {
      const phone = facts.phone(family, MODEL);
      const settings = { ...facts.settings, firmware: ALL.firmware ?? [] };
      const view = bootstrapView(
        families,
        facts.bootstrapFacts(phone, { settings, defaultLines: [], deliveryUrl: null }),
      );
      const asked = { familyId: family, kind: 'template', name, role: 'boot' } as const;
      expect(renderFile(families, asked, view).body.toString()).to.match(line);
    });
  }
});
