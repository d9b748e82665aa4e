import type { Setting } from '../domain/settings.ts';
import { Secret } from '../domain/secret.ts';
import { valueIn } from './apiWords.ts';
import { mistakeAt, wordOr, wordsFor, type Looking, type Refusal, type Texts } from './page.ts';

/** The settings of a kind of template, and what each is when nobody says anything. */
interface Settings {
  readonly all: object;
  readonly plain: object;
}

export interface HeldBefore {
  readonly value: string;
  readonly from: string;
}

interface Said {
  /** What holds when nothing is said, `null` where that cannot be told; as the tenant has it where this is left out. */
  readonly before?: (name: string) => HeldBefore | null;
  readonly kind: 'line' | 'device';
  readonly says: Texts;
  readonly refusal: Refusal | null;
}

/** In which they are shown; what is in none is in the last. */
const GROUPS: Readonly<Record<Said['kind'], Readonly<Record<string, readonly string[]>>>> = {
  device: {
    display: ['language', 'timeZone', 'ntpServer', 'clock', 'dateFormat'],
    keys: ['keys', 'dialRules'],
    upkeep: ['firmware', 'refreshHours', 'webPassword'],
    use: ['userType'],
  },
  line: {
    calls: ['context', 'codecs', 'srtp', 'dtmf', 'callLanguage', 'musicClass', 'busyAt'],
    register: ['transport', 'expiry', 'sipServer', 'outboundProxy'],
    display: ['label', 'voicemail', 'mailbox', 'pickupCode'],
    groups: ['callGroup', 'pickupGroup', 'namedCallGroup', 'namedPickupGroup', 'subscribeContext'],
    use: ['asteriskTransport', 'accountCode', 'variables'],
  },
};

/** What is proposed for a time zone; others that the calendar knows are taken too. */
export const TIME_ZONES: readonly string[] = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])];

/** A field for each setting, with what it says, what holds when it says nothing, and what is wrong with what was typed. */
export async function settingFields(looking: Looking, { all, plain }: Settings, of: Said) {
  const { ask, tenant } = looking;
  const say = wordsFor(looking);
  const { settings: ofTenant } = await ask('getTenant', { at: { tenant } });
  const settings = Object.entries(all as Readonly<Record<string, Setting<unknown>>>);
  const groups = Object.entries(GROUPS[of.kind]);
  const last = groups.at(-1)?.[0];
  const known = new Set(groups.flatMap(([, names]) => names));
  const fieldOf = ([name, setting]: readonly [string, Setting<unknown>]) => {
    const ofTenants = (): HeldBefore => ({
      value: ofTenant[name] ?? setting.show((plain as Readonly<Record<string, unknown>>)[name]),
      from: say(ofTenant[name] === undefined ? 'templates.builtIn' : 'templates.ofTenant'),
    });
    const held = of.before === undefined ? ofTenants() : of.before(name);
    return fieldFor(looking, of, {
      name,
      setting,
      held: held && `${valueIn(looking.language, held.value)} (${held.from})`,
    });
  };
  return groups.map(([group, names]) => ({
    label: say(`settingGroups.${group}`),
    fields: settings
      .filter(([name]) => names.includes(name) || (group === last && !known.has(name)))
      .map((each) => fieldOf(each)),
  }));
}

interface One {
  readonly name: string;
  readonly setting: Setting<unknown>;
  readonly held: string | null;
}

function fieldFor({ form, ...looking }: Looking, { says, refusal }: Said, { name, setting, held }: One) {
  const field = `body.settings.${name}`;
  const was = says[name] ?? '';
  const isSecret = isSecretSetting(setting);
  const value = form?.[field] ?? was;
  const choices = choicesOf(setting);
  return {
    ...{ name, field, held, isSecret, isSet: was !== '', label: wordsFor(looking)(`settings.${name}`) },
    // A secret is shown to nobody, and stays where nothing is typed.
    ...(isSecret ? { was: '', value: '' } : { was, value }),
    ...{
      how: wordOr(looking.language, `hints.${name}`, setting.placeholder),
      mistake: mistakeAt(refusal, field),
      isKeys: name === 'keys',
      isTimeZone: name === 'timeZone',
    },
    isChoice: choices.length > 0,
    choices: choices.map((choice) => ({
      ...{ value: choice, isChosen: choice === value },
      label: valueIn(looking.language, choice),
    })),
  };
}

/** What can be chosen, where nothing else is taken. */
function choicesOf({ placeholder, read }: Setting<unknown>): readonly string[] {
  const words = placeholder.split('|');
  const takes = (text: string): boolean => {
    try {
      read(text);
      return true;
    } catch {
      return false;
    }
  };
  return words.length > 1 && words.every(takes) && !takes('no-such-choice') ? words : [];
}

function isSecretSetting({ read }: Setting<unknown>): boolean {
  try {
    return read('a') instanceof Secret;
  } catch {
    return false;
  }
}
