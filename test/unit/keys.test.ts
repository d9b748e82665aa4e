import { expect } from 'chai';
import { DEVICE_SETTINGS, KEY, keyText, type Key, type KeyKind } from '../../src/domain/deviceSettings.ts';
import type { View } from '../../src/phones/template/viewTypes.ts';
import { lineView } from '../../src/phones/view/view.ts';
import * as facts from '../support/phoneFacts.ts';

const families = facts.shippedFamilies();

const key = (kind: KeyKind, value: string | null, line = 1): Key => ({ kind, label: value ?? '', value, line });

function viewOf(family: string, model: string, keys: readonly Key[]): View {
  const settings = { ...facts.settings, keys };
  return lineView(families, facts.lineFacts(facts.phone(family, model), { settings }));
}

const shown = ({ keys }: View): readonly string[] => keys.map(({ kind, value }) => `${kind} ${value ?? ''}`.trim());
const left = ({ unplaced_keys: all }: View): readonly string[] => all.map(({ value, why }) => `${value}: ${why}`);

describe('Keys', () => {
  const WANTED: readonly Key[] = [
    key('speed_dial', '1000'),
    key('blf', '1501'),
    key('park', '700'),
    key('voicemail', '*97'),
    key('self_provisioning', null),
  ];

  it('are read as they are shown, whatever their labels have in them', () => {
    const { keys } = DEVICE_SETTINGS;
    const all = [{ ...key('blf', '1501'), label: 'a:b;c' }, key('park', '700', 2), key('voicemail', null)];
    expect(keys.read(keys.show(all))).to.deep.equal(all);
    expect(KEY.read(keyText(['blf', '1501', 'a:b;c']))).to.deep.equal(all[0]);
    expect(() => KEY.read(keyText(['blf', '15:01', '']))).to.throw('needs a number');
  });

  it('stand after the line keys in the order they were given in', () => {
    expect(shown(viewOf('grandstream-grp', 'GRP2612', WANTED))).to.deep.equal([
      'line',
      'speed_dial 1000',
      'blf 1501',
      'park 700',
      'voicemail *97',
      'speed_dial *55',
    ]);
  });

  it('that a phone has no place for are those that matter least, and are told', () => {
    const view = viewOf('grandstream-grp', 'GRP2602', WANTED);
    expect(shown(view)).to.deep.equal(['line', 'park 700', 'voicemail *97', 'speed_dial *55']);
    expect(left(view)).to.deep.equal(['1000: no_room', '1501: no_room']);
  });

  it('of the same kind stay as they were given: the last one goes', () => {
    const speedDials = ['1', '2', '3', '4'].map((value) => key('speed_dial', value));
    const view = viewOf('grandstream-grp', 'GRP2602', speedDials);
    expect(shown(view)).to.deep.equal(['line', 'speed_dial 1', 'speed_dial 2', 'speed_dial 3']);
    expect(left(view)).to.deep.equal(['4: no_room']);
  });

  it('that a family has no word for, or that name a line that is not there, are told', () => {
    const view = viewOf('snom', 'D785', [key('transfer', '1000'), key('line', '9', 9)]);
    expect(shown(view)).to.deep.equal(['line']);
    expect(left(view)).to.have.members(['1000: no_such_key', '9: no_such_line']);
  });

  it('more than the phone has go to an expansion module where there may be one, and that is told too', () => {
    const lamps = Array.from({ length: 70 }, (_, at) => key('blf', String(2000 + at)));
    const view = viewOf('yealink', 'T46S', [key('speed_dial', '1000'), ...lamps]);
    expect(view.keys).to.have.length(27);
    const modules = view.key_banks.filter(({ name }) => name === 'module');
    expect(modules.map(({ page, bank_keys: keys }) => [page, keys.length])).to.deep.equal([[1, 40]]);
    const why = (reason: string): readonly (string | null)[] =>
      view.unplaced_keys.flatMap((found) => (found.why === reason ? [found.value] : []));
    expect(why('module')).to.have.length(40);
    expect(why('no_room')).to.deep.equal(['1000', '2066', '2067', '2068', '2069']);
  });

  it('beside the display are filled before those on the pages of the screen', () => {
    const lamps = Array.from({ length: 20 }, (_, at) => key('blf', String(2000 + at)));
    const banks = viewOf('fanvil', 'X6U', lamps).key_banks;
    expect(banks.map(({ name, page, bank_keys: keys }) => [name, page, keys.map(({ place }) => place)])).to.deep.equal([
      ['side', 1, [1, 2, 3, 4, 5]],
      ['page', 1, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
      ['page', 2, [1, 2, 3, 4]],
    ]);
  });

  it('of a line can be more than one', () => {
    const view = viewOf('yealink', 'T46S', [key('speed_dial', '1000'), key('line', null)]);
    expect(view.keys.map(({ kind, label, position }) => [kind, label, position])).to.deep.equal([
      ['line', '1500', 1],
      ['line', '1500', 2],
      ['speed_dial', '1000', 1],
    ]);
  });
});
