import { Option, type Command } from 'commander';
import type { SettingShown } from '../administration/effective.ts';
import { INHERIT, optionOf, settingsIn } from '../administration/settings.ts';
import type { SettingsOf } from '../domain/settings.ts';
import { tableOf } from './output.ts';

/** One option for each setting: what it says is read where it is written. */
export function settingOptions<T extends object>(command: Command, settings: SettingsOf<T>): Command {
  for (const [name, { about, placeholder }] of settingsIn(settings)) {
    const option = new Option(`${optionOf(name)} <value>`, `${about}: ${placeholder}, or ${INHERIT}`);
    command.addOption(option);
  }
  return command;
}

/** What holds, and who says so, as a table. */
export function effectiveTable(all: readonly SettingShown[]): string {
  const rows = all.map(({ name, value, from }) => [optionOf(name).slice(2), value, from]);
  return tableOf(['SETTING', 'VALUE', 'FROM'], rows, 'There are none.');
}

/** Their lines for people: `time-zone: Europe/Berlin`. */
export function settingFacts(says: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(says).map(([name, text]) => [optionOf(name).slice(2), text]));
}
