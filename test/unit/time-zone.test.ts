import { expect } from 'chai';
import { readPosixRule } from '../../src/phones/template/timeZone.ts';
import { shippedFamilies } from '../support/phoneFacts.ts';

const zones = shippedFamilies().timeZones;

describe('A time zone', () => {
  it('is known for every IANA name that this Node knows, each with a rule that phones can be told', () => {
    const unknown = Intl.supportedValuesOf('timeZone').filter(
      (name) => readPosixRule(zones.get(name) ?? '') === undefined,
    );
    expect(unknown).to.deep.equal([]);
  });

  it('has the offset that the calendar has', () => {
    const winter = new Date('2027-01-15T12:00:00Z');
    const summer = new Date('2027-07-15T12:00:00Z');
    for (const name of [
      'Europe/Berlin',
      'America/St_Johns',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
      'America/Sao_Paulo',
    ]) {
      const rule = readPosixRule(zones.get(name) ?? '');
      const offsets = [winter, summer].map((date) => offsetAt(name, date));
      expect(rule?.offset, name).to.equal(Math.min(...offsets));
      expect(rule?.saving, name).to.equal(Math.max(...offsets) - Math.min(...offsets));
    }
  });

  it('says when the clocks change', () => {
    expect(readPosixRule('CET-1CEST,M3.5.0,M10.5.0/3')).to.deep.include({
      start: {
        month: 3,
        week: 5,
        is_last_week: true,
        on_or_after_day: -1,
        weekday0: 0,
        weekday1: 1,
        weekday_iso: 7,
        hour: 2,
        minute: 0,
      },
      posixFull: 'CET-1CEST-2,M3.5.0/02:00:00,M10.5.0/03:00:00',
    });
    expect(readPosixRule('EST5EDT,M3.2.0,M11.1.0')?.start).to.include({ week: 2, on_or_after_day: 8 });
    expect(readPosixRule('<+1030>-10:30<+11>-11,M10.1.0,M4.1.0')).to.include({ offset: 630, saving: 30 });
    expect(readPosixRule('IST-5:30')).to.include({ offset: 330, saving: 0, start: null, posix: 'IST-5:30' });
    expect(readPosixRule('<-02>2<-01>,M3.5.0/-1,M10.5.0/0')?.start).to.include({ hour: 0, minute: 0 });
    expect(readPosixRule('EET-2EEST,M3.4.4/50,M10.4.4/50')?.end).to.include({ weekday0: 4, hour: 23, minute: 59 });
  });

  it('of Ireland, whose winter time is a negative saving, has its summer time like the others', () => {
    expect(readPosixRule('IST-1GMT0,M10.5.0,M3.5.0/1')).to.deep.include({
      offset: 0,
      saving: 60,
      posix: 'GMT0IST,M3.5.0/01:00:00,M10.5.0/02:00:00',
      posixFull: 'GMT0IST-1,M3.5.0/01:00:00,M10.5.0/02:00:00',
    });
  });

  it('that is none is not made up', () => {
    for (const rule of ['', 'CET', 'CET-1CEST', 'CET-1CEST,J60,J300', 'x'.repeat(1000)])
      expect(readPosixRule(rule)).to.equal(undefined);
  });
});

/** Minutes east of UTC. */
function offsetAt(timeZone: string, date: Date): number {
  const local = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).format(date);
  const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?$/.exec(local) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
}
