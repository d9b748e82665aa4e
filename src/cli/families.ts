import type { Command } from 'commander';
import { describeFamilies } from '../administration/families.ts';
import type { Families } from '../phones/family/family.ts';
import { printed, tableOf, type Output } from './output.ts';

/** `selfprov families` */
export function familiesCommand(program: Command, families: () => Families, print: (text: string) => void): void {
  program
    .command('families')
    .description('the families of phones that are served: models and abilities')
    .action(() => {
      print(printed(program, listFamilies(families())));
    });
}

/** Those with files first; the others are only recognised. */
function listFamilies(families: Families): Output {
  const all = families.all.toSorted((one, other) => one.id.localeCompare(other.id));
  const served = all.filter(({ files }) => files.size > 0);
  const recognised = all.filter(({ files }) => files.size === 0);
  const abilities = [...new Set(served.flatMap(({ data }) => Object.keys(data.abilities)))];
  const rows = served.map(({ id, data }) => [id, ...abilities.map((name) => abilityOf(data.abilities, name))]);
  const models = served.map(({ id, data, models: { names } }) => [id, data.title, names.join(', ')]);
  const text = [
    tableOf(['FAMILY', ...abilities.map((name) => name.replaceAll('_', ' ').toUpperCase())], rows, 'There are none.'),
    tableOf(['FAMILY', 'PHONES', 'MODELS'], models, 'There are none.'),
    `Only recognised: ${recognised.map(({ id }) => id).join(', ') || 'none'}.`,
  ].join('\n\n');
  return { data: describeFamilies(families), text };
}

function abilityOf(abilities: Readonly<Record<string, string | undefined>>, name: string): string {
  return abilities[name] ?? '';
}
