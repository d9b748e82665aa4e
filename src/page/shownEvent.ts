import type { AnswerOf } from '../api/operations.ts';
import { phraseIn } from './apiWords.ts';
import { wordOr, type Looking } from './page.ts';
import { word } from './render.ts';

type Event = AnswerOf<'listEvents'>['items'][number];
type Value = Event['detail'][string];

/** Details that are seconds, and those that are moments. */
const SECONDS = new Set(['after', 'seconds']);
const MOMENTS = new Set(['until', 'expiresAt']);

/** Makes what happened as people read it, for the view `eventDetails`: names and values in words where there are words, else as they are. */
export function eventsIn({ language }: Pick<Looking, 'language'>) {
  return ({ at, step, actor, address, detail }: Event) => {
    const all = Object.entries(detail).filter(([, value]) => value !== null);
    const shown = all.map(([name, value]) => ({ name, label: wordOr(language, `details.${name}`, name), value }));
    return {
      ...{ at, actor, address, step: word(language, `steps.${step}`) },
      details: shown.flatMap(({ name, label, value }) =>
        changeIn(value) === null ? [{ label, ...valueShown(language, name, value) }] : [],
      ),
      changes: shown.flatMap(({ label, value }) => {
        const change = changeIn(value);
        return change === null ? [] : [{ label, ...change }];
      }),
    };
  };
}

/** What was and what is. */
function changeIn(value: Value): { readonly was: string; readonly is: string } | null {
  const [was = '', is, ...others] = String(value).split(' → ');
  return is === undefined || others.length > 0 ? null : { was, is };
}

function valueShown(
  language: string,
  name: string,
  value: Value,
): { readonly text: string; readonly time: string | null } {
  if (typeof value === 'boolean') return { text: word(language, value ? 'yes' : 'no'), time: null };
  if (MOMENTS.has(name))
    return { text: '', time: String(typeof value === 'number' ? new Date(value).toISOString() : value) };
  if (typeof value === 'number' && SECONDS.has(name))
    return { text: `${value.toLocaleString(language)} s`, time: null };
  const text = String(value);
  return {
    text: wordOr(language, `detailValues.${name}.${text}`, name === 'what' ? phraseIn(language, text) : text),
    time: null,
  };
}
