import type { Command } from 'commander';
import { allNodes, treeOf, type Node } from './commandTree.ts';

interface Needs {
  readonly version: string;
  /** What each setting is for, by its name. */
  readonly settings: Readonly<Record<string, string>>;
}

const FILES = {
  '/etc/selfprov/selfprov.env': 'settings, unless SELFPROV_CONFIG names another file',
  '$SELFPROV_DIR/selfprov.sqlite': 'the database',
  '$SELFPROV_DIR/site.key': 'the key that its secrets are sealed with',
  '$SELFPROV_DIR/asterisk.env': 'passwords at the private Asterisk',
  '$SELFPROV_DIR/tls/': 'certificates of the private Asterisk',
} as const;

const EXITS = {
  0: 'it is done',
  1: 'it was refused, or has failed: one line on standard error says why',
  2: 'what was typed is no command: nothing has been looked at',
} as const;

/** `selfprov man-page`, with which the build writes selfprov.1; not in the help, for `man selfprov` shows it. */
export function manPageCommand(program: Command, needs: Needs, print: (text: string) => void): void {
  program
    .command('man-page', { hidden: true })
    .description('print the man page')
    .action(() => print(manPage(treeOf(program), needs)));
}

/** In the language of man pages (man(7)). */
export function manPage(tree: Node, { version, settings }: Needs): string {
  const commands = allNodes(tree).filter(({ path, commands: below }) => path !== '' && below.length === 0);
  const own = (node: Node): Node['options'] => node.options.filter(({ words }) => !ofAll.has(words.at(-1) ?? ''));
  const ofAll = new Set(tree.options.map(({ words }) => words.at(-1) ?? ''));
  const parts = [
    `.TH SELFPROV 1 "" "selfprov ${version}" "selfprov"`,
    '.SH NAME',
    `selfprov \\- ${plain(tree.about)}`,
    '.SH SYNOPSIS',
    '.B selfprov',
    '[\\fIoptions\\fR] \\fIcommand\\fR [\\fIarguments\\fR]',
    '.SH OPTIONS',
    ...tree.options.flatMap(({ flags, about }) => item(bold(flags), about)),
    '.PP',
    plain(
      'A PIN, password or code that is given as - is read from standard input: others can see what a command is given.',
    ),
    '.SH COMMANDS',
    ...commands.flatMap((node) => [
      '.SS',
      plain(['selfprov', ...node.names, node.usage].join(' ').trimEnd()),
      plain(sentence(node.about)),
      ...own(node).flatMap(({ flags, about, values }) =>
        item(bold(flags), values.length === 0 ? about : `${about} (${values.join(', ')})`),
      ),
    ]),
    '.SH ENVIRONMENT',
    ...Object.entries(settings).flatMap(([name, meaning]) => item(bold(name), meaning)),
    '.SH FILES',
    ...Object.entries(FILES).flatMap(([name, what]) => item(`\\fI${plain(name)}\\fR`, what)),
    '.SH EXIT STATUS',
    ...Object.entries(EXITS).flatMap(([status, what]) => item(bold(status), what)),
    '.PP',
    plain('With --json every failure is one JSON object on standard error: {"error": {"code", "message", "reason"}}.'),
    '.SH SEE ALSO',
    '.BR asterisk (8)',
  ];
  return parts.join('\n');
}

function item(term: string, about: string): readonly string[] {
  return ['.TP', term, plain(sentence(about))];
}

function bold(text: string): string {
  return `\\fB${plain(text)}\\fR`;
}

function sentence(text: string): string {
  return text === '' ? text : `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

/** No line begins with what would be a request, and a dash is one that can be typed. */
function plain(text: string): string {
  const escaped = text.replaceAll('\\', '\\e').replaceAll('-', '\\-');
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}
