import type { AnswerOf, OperationId } from '../api/operations.ts';
import { hiddenIn, syncAt } from './page.ts';
import { qrOf } from './qr.ts';
import { word } from './render.ts';

/** What was answered to a form. */
interface Given<Answer = Readonly<Record<string, unknown>>> {
  readonly answer: Answer;
  readonly form: Readonly<Record<string, string>>;
  readonly language: string;
  readonly back: string;
}

/** What is shown of an answer, where that is more than a word; `part` is the view for htmx. */
export interface Result {
  readonly view: string;
  readonly part?: string;
  readonly title: string;
}

/** So many lines of a table are shown. */
const MOST_SHOWN = 1000;

const RESULTS: {
  readonly [Id in OperationId]?: (given: Given<AnswerOf<Id>>) => Result & Readonly<Record<string, unknown>>;
} = {
  importUsers: (given) => (given.answer.imported ? importedUsers(given) : planned(given, 'users')),
  importDevices: (given) => (given.answer.imported ? importedDevices(given) : planned(given, 'devices')),
  actOnDevices: outcomes,
};

/** Of the operation of this name, `undefined` where a word says it. */
export function resultOf(id: string, given: Given): Result | undefined {
  const show = Object.entries(RESULTS).find(([name]) => name === id)?.[1];
  return show?.(given as never);
}

/** The page of what was started, where that is looked at then instead of where the form was. */
export function startedAt(id: string, { answer, form }: Given): string | undefined {
  const sync = { startSync: answer['id'], startRotation: answer['sync'] }[id];
  return typeof sync === 'number' ? syncAt(form['at.tenant'] ?? '', sync) : undefined;
}

/** What goes with what is shown this once: a URL as a picture that apps read, a letter with a PIN. */
export function madeMore({ answer, form, back }: Given, once: readonly string[]) {
  const { pin, extension } = answer;
  // A phone, or a person: what else is shown is for programs.
  const read = once.flatMap((name) => (name === 'url' || name === 'link' ? [answer[name]] : []))[0];
  const tenant = form['at.tenant'] ?? '';
  return {
    qr: typeof read === 'string' ? qrOf(read) : null,
    letter:
      typeof pin === 'string' && typeof extension === 'string'
        ? { hidden: hiddenIn({ 'at.tenant': tenant, 'at.extension': extension, 'body.pin': pin, back }) }
        : null,
  };
}

type Imported = AnswerOf<'importUsers'> | AnswerOf<'importDevices'>;

/** What a table would do, before it is done. */
function planned({ answer, form, language, back }: Given<Imported>, what: 'users' | 'devices') {
  const { counts, lines, mistakes } = answer;
  const changed = lines.filter((each) => each.what !== 'unchanged');
  const isGood = mistakes.length === 0 && changed.length > 0;
  return {
    ...{ view: 'importPlan', title: word(language, 'import.planTitle'), back, counts },
    operation: what === 'users' ? 'importUsers' : 'importDevices',
    ...{ isUsers: what === 'users', isGood, isNothing: mistakes.length === 0 && changed.length === 0 },
    hasMistakes: mistakes.length > 0,
    mistakes: mistakes.map(({ line, column, message }) => ({ line, column: column ?? '', message })),
    hasLines: changed.length > 0,
    lines: changed.slice(0, MOST_SHOWN).map(({ line, key, what: sort, fields }) => ({
      ...{ line, key, sort: word(language, `import.${sort}`) },
      fields: Object.entries(fields).map(([name, value]) => ({ name, value: String(value ?? '') })),
    })),
    more: changed.length > MOST_SHOWN ? changed.length - MOST_SHOWN : null,
    hidden: hiddenIn({ 'at.tenant': form['at.tenant'] ?? '', 'body.csv': form['body.csv'] ?? '', back }),
  };
}

function importedUsers({ answer, language, back }: Given<AnswerOf<'importUsers'>>) {
  const { counts, pins, letters } = answer;
  const isPdf = letters?.contentType === 'application/pdf';
  return {
    ...{ view: 'imported', title: word(language, 'import.doneTitle'), back, counts, hasPins: pins.length > 0, pins },
    letters:
      letters === null
        ? null
        : {
            href: `data:${letters.contentType};base64,${letters.letter}`,
            name: isPdf ? 'letters.pdf' : 'letters.html',
          },
    ...{ hasUrls: false, urls: [] },
  };
}

function importedDevices({ answer, language, back }: Given<AnswerOf<'importDevices'>>) {
  const { counts, urls } = answer;
  return {
    ...{ view: 'imported', title: word(language, 'import.doneTitle'), back, counts, hasPins: false, pins: [] },
    ...{ letters: null, hasUrls: urls.length > 0, urls },
  };
}

/** What has become of some of many devices, and the form that goes on with the others. */
function outcomes({ answer, form, language, back }: Given<AnswerOf<'actOnDevices'>>) {
  const rest = (form['rest'] ?? '').split(' ').filter((each) => each !== '');
  const many = batchOf(form['body.action'] ?? '');
  const total = Number(form['total']) || answer.devices.length;
  const same = Object.fromEntries(
    ['at.tenant', 'body.action', 'body.to', 'body.profile', 'total']
      .filter((name) => form[name] !== undefined)
      .map((name) => [name, form[name] ?? '']),
  );
  return {
    ...{ view: 'outcomes', part: 'outcome', title: word(language, `bulk.actions.${form['body.action']}`), back },
    devices: answer.devices.map(({ mac, effect, why }) => ({
      ...{ mac, href: `${back.split('?')[0]}/${mac}`, kind: effect === null ? 'bad' : 'good' },
      text: effect === null ? why : word(language, `bulk.effects.${effect}`),
    })),
    ...{ total, over: total - rest.length, left: rest.length },
    goesOn:
      rest.length === 0
        ? null
        : {
            hidden: hiddenIn({
              ...same,
              'body.macs': rest.slice(0, many).join(' '),
              rest: rest.slice(many).join(' '),
              back,
            }),
          },
  };
}

/** Phones that are told something are told so many at a time, which is about as many a minute as a roll-out tells; others wait for nobody. */
export function batchOf(action: string): number {
  return action === 'profile' || action === 'unblock' ? 100 : 5;
}
