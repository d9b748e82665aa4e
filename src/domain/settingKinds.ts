import { SelfprovError } from './errors.ts';
import { Secret } from './secret.ts';
import type { Setting } from './settings.ts';

/** What settings are made of. Each `read` throws `invalid` and says what would be right. */

export interface HostPort {
  readonly host: string;
  /** `null`: the usual one of what it is for. */
  readonly port: number | null;
}

const HOST = /^(?=.{1,253}$)[\w-]{1,63}(?:\.[\w-]{1,63})*$/;

export function text(about: string, placeholder: string, pattern: RegExp, what: string): Setting<string> {
  return {
    about,
    placeholder,
    read(given) {
      const trimmed = given.trim();
      return pattern.test(trimmed) ? trimmed : refuse(`${JSON.stringify(given)} is not ${what}`);
    },
    show: (value) => value,
  };
}

export function choice<const Choice extends string>(about: string, choices: readonly Choice[]): Setting<Choice> {
  return {
    about,
    placeholder: choices.join('|'),
    read(given) {
      const found = choices.find((each) => each === given.trim().toLowerCase());
      return found ?? refuse(`${JSON.stringify(given)} is none of ${choices.join(', ')}`);
    },
    show: (value) => value,
  };
}

export function flag(about: string): Setting<boolean> {
  const { read, ...rest } = choice(about, ['on', 'off']);
  return { ...rest, read: (given) => read(given) === 'on', show: (value) => (value ? 'on' : 'off') };
}

export function whole(about: string, placeholder: string, from: number, to: number): Setting<number> {
  return {
    about,
    placeholder,
    read(given) {
      const number = /^\d{1,9}$/.test(given.trim()) ? Number(given) : Number.NaN;
      return number >= from && number <= to
        ? number
        : refuse(`${JSON.stringify(given)} is not a whole number from ${from} to ${to}`);
    },
    show: String,
  };
}

/** Something, or `none`. */
export function optional<T>({ about, placeholder, read, show }: Setting<T>, none: string): Setting<T | null> {
  return {
    about,
    placeholder: `${placeholder}|${none}`,
    read: (given) => (given.trim() === none ? null : read(given)),
    show: (value) => (value === null ? none : show(value)),
  };
}

/** Separated by commas, or by something else that a backslash may stand before within a part; `none` for an empty list. */
export function list<T>({ about, placeholder, read, show }: Setting<T>, separator = ','): Setting<readonly T[]> {
  return {
    about,
    placeholder: `${placeholder}${separator}…|none`,
    read(given) {
      if (given.trim() === 'none') return [];
      return given
        .split(separator === ',' ? separator : new RegExp(`(?<!\\\\)${separator}`))
        .map((part) => part.trim())
        .filter((part) => part !== '')
        .map(read);
    },
    show: (all) => (all.length === 0 ? 'none' : all.map(show).join(separator)),
  };
}

/** The same with one at least. */
export function some<T>(setting: Setting<T>): Setting<readonly T[]> {
  const { read, placeholder, ...rest } = list(setting);
  return {
    ...rest,
    placeholder: placeholder.replace('|none', ''),
    read(given) {
      const all = read(given);
      return all.length > 0 ? all : refuse('one is needed at least');
    },
  };
}

/** `host`, `host:port`, `[2001:db8::1]:port`. */
export function hostPort(about: string): Setting<HostPort> {
  return {
    about,
    placeholder: 'host[:port]',
    read(given) {
      const { v6, name, port } =
        /^(?:\[(?<v6>[\da-fA-F:.]+)\]|(?<name>[^:[\]\s]+))(?::(?<port>\d{1,5}))?$/.exec(given.trim())?.groups ?? {};
      const number = port === undefined ? null : Number(port);
      const isGood = v6 !== undefined || (name !== undefined && HOST.test(name));
      if (!isGood || number === 0 || (number ?? 1) > 65_535) {
        return refuse(`${JSON.stringify(given)} is not a host, or a host:port`);
      }
      return { host: v6 ?? name ?? '', port: number };
    },
    show: ({ host, port }) => `${host.includes(':') ? `[${host}]` : host}${port === null ? '' : `:${port}`}`,
  };
}

export function secretText(about: string, longest: number): Setting<Secret> {
  return {
    about,
    placeholder: 'text',
    read(given) {
      // What a phone's page takes differs; quotes and control characters break files of several families.
      const isGood = /^[\x21\x23-\x26\x28-\x7e]+$/.test(given) && given.length <= longest;
      return isGood
        ? new Secret(given)
        : refuse(`a password has 1 to ${longest} ASCII characters, no spaces and no quotes`);
    },
    show: String,
  };
}

export function refuse(message: string): never {
  throw new SelfprovError('invalid', message);
}
