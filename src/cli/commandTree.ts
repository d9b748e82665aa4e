import type { Command, Option } from 'commander';

/** One command as it is typed: `/user/add`; the program itself is the empty path. */
export interface Node {
  readonly path: string;
  readonly names: readonly string[];
  readonly about: string;
  /** As in its help: `<extension>`. */
  readonly usage: string;
  readonly isFile: boolean;
  readonly options: readonly Choice[];
  readonly commands: readonly Node[];
}

/** One option. */
export interface Choice {
  readonly flags: string;
  readonly words: readonly string[];
  readonly about: string;
  readonly takesValue: boolean;
  /** What may follow; empty when that is anything. */
  readonly values: readonly string[];
  readonly isFile: boolean;
}

const HELP: Choice = {
  ...{ flags: '-h, --help', words: ['-h', '--help'], about: 'what there is to say about it' },
  ...{ takesValue: false, values: [], isFile: false },
};
/** How arguments and values are called that are paths. */
const FILE = /[<[](?:file|directory|where)[>\]]/;

/** All commands with all that may follow them; the options of the program may follow each. */
export function treeOf(program: Command): Node {
  return nodeOf(program, [], []);
}

/** This one and all below. */
export function allNodes(node: Node): readonly Node[] {
  return [node, ...node.commands.flatMap(allNodes)];
}

function nodeOf(command: Command, names: readonly string[], above: readonly Choice[]): Node {
  const own = command.options.map(choiceOf);
  const args = command.registeredArguments.map((each) => (each.required ? `<${each.name()}>` : `[${each.name()}]`));
  const help = command.createHelp();
  const inherited = names.length === 0 ? own.filter(({ words }) => !words.includes('--version')) : above;
  const commands = help
    .visibleCommands(command)
    .filter((each) => each.name() !== 'help')
    .map((each) => nodeOf(each, [...names, each.name()], inherited));
  return {
    path: names.map((name) => `/${name}`).join(''),
    names,
    about: command.description(),
    usage: args.join(' '),
    isFile: args.some((each) => FILE.test(each)),
    options: [...own, HELP, ...(names.length === 0 ? [] : above)],
    commands,
  };
}

function choiceOf(option: Option): Choice {
  return {
    flags: option.flags,
    words: [option.short, option.long].filter((word) => word !== undefined && word !== null),
    about: option.description,
    takesValue: option.required || option.optional,
    values: option.argChoices ?? [],
    isFile: FILE.test(option.flags),
  };
}
