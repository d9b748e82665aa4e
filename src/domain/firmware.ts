import { refuse } from './settingKinds.ts';
import type { Setting } from './settings.ts';

/** The firmware that phones of a model shall have. */
export interface Firmware {
  /** The model's name; `*` stands for any characters. */
  readonly model: string;
  /** A file in the administrator's folder of the family; a plain name. */
  readonly file: string;
  /** What the phone calls it; some take a file only with that. */
  readonly version: string | null;
}

const GIVEN = /^(?<model>[\w*][\w .*+-]{0,63})=(?<file>\w[\w.+-]{0,127})(?:@(?<version>\w[\w.+-]{0,63}))?$/;

export const firmware: Setting<Firmware> = {
  about: 'firmware for phones of a model, from the folder of static files',
  placeholder: 'MODEL=FILE[@VERSION]',
  read(given) {
    const { model, file, version } = GIVEN.exec(given.trim())?.groups ?? {};
    if (model === undefined || file === undefined)
      return refuse(`${JSON.stringify(given)} is not MODEL=FILE or MODEL=FILE@VERSION, with a plain file name`);
    return { model: model.trim(), file, version: version ?? null };
  },
  show: ({ model, file, version }) => `${model}=${file}${version === null ? '' : `@${version}`}`,
};

/** The first one that is meant for the model; a model that nobody knows is meant by `*` alone. */
export function firmwareFor(all: readonly Firmware[], model: string | null): Firmware | undefined {
  const name = (model ?? '').toLowerCase();
  return all.find((each) => fits(each.model.toLowerCase(), name));
}

/** Each part where it comes first: an expression with as many `.*` would try every place with every other one, for years. */
function fits(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
