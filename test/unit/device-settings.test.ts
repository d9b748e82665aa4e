import { expect } from 'chai';
import type { DeviceSettings } from '../../src/domain/deviceSettings.ts';
import { deviceSettings } from '../../src/domain/levels.ts';
import { Secret } from '../../src/domain/secret.ts';
import { valuesOf, type Said } from '../../src/domain/settings.ts';
import type { Family } from '../../src/phones/family/family.ts';
import { lineView } from '../../src/phones/view/view.ts';
import * as facts from '../support/phoneFacts.ts';
import { readDevice, type DeviceReading } from '../support/readers/deviceReading.ts';
import { limits } from '../support/readers/limits.ts';
import { ownSettings } from '../support/readers/ownFiles.ts';
import { readers } from '../support/readers/readers.ts';

const families = facts.shippedFamilies();
const TENANT: Said<DeviceSettings> = {
  timeZone: 'Europe/Berlin',
  ntpServer: 'ntp.tenant.example',
  language: 'en',
  refreshHours: 24,
};

/** A password of digits: phones that take no other are meant too. */
const ALL: Said<DeviceSettings> = {
  timeZone: 'Europe/London',
  ntpServer: 'ntp.user.example',
  language: 'de',
  refreshHours: 72,
  webPassword: new Secret('48291357'),
};

/** What a phone finds in its own files when its user says this and the tenant says something else. */
function reading(family: Family, says: Said<DeviceSettings>): DeviceReading {
  const reader = readers[family.id];
  if (reader === undefined) throw new Error(`${family.id} has no reader`);
  const tenant = { ...facts.tenant, deviceSays: TENANT };
  const user = { ...facts.user, deviceSays: says };
  const template = { id: 'template', tenantId: tenant.id, name: 'standard', says: {} };
  const settings = valuesOf(deviceSettings(tenant, template, user, undefined));
  const lines = [{ line: facts.userLine, user, settings: facts.lineSettings }];
  const view = lineView(families, facts.lineFacts(facts.phone(family.id), { tenant, settings, lines }));
  return readDevice(family.id, ownSettings(family, reader, view));
}

describe('What a user says of a phone, and the tenant otherwise, is in the file of that phone', () => {
  for (const family of families.all.filter(({ files }) => files.size > 0)) {
    const { deviceUnsaid = {} } = limits[family.id] ?? {};
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
