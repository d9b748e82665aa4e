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
  return all.find((each) => {
    const parts = each.model.split('*').map((part) => part.replace(/[.+]/g, String.raw`\$&`));
    return new RegExp(`^${parts.join('.*')}$`, 'i').test(model ?? '');
  });
}
