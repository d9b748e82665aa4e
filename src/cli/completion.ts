import { Argument, type Command } from 'commander';
import { allNodes, treeOf, type Choice, type Node } from './commandTree.ts';

const SHELLS = { bash, zsh, fish } as const;

/** `selfprov completion` */
export function completionCommand(program: Command, print: (text: string) => void): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'yours').choices(Object.keys(SHELLS)))
    .description('print what completes selfprov commands in a shell')
    .addHelpText(
      'after',
      `
bash: selfprov completion bash > /etc/bash_completion.d/selfprov
zsh:  selfprov completion zsh > /usr/local/share/zsh/site-functions/_selfprov
fish: selfprov completion fish > /etc/fish/completions/selfprov.fish`,
    )
    .action((shell: keyof typeof SHELLS) => print(SHELLS[shell](treeOf(program)).trimEnd()));
}

/** What may follow an option: the option stands behind the path of its command. */
interface Following {
  readonly files: readonly string[];
  readonly anything: readonly string[];
  readonly values: readonly { readonly at: string; readonly values: readonly string[] }[];
}

function followingIn(nodes: readonly Node[]): Following {
  const all = nodes.flatMap(({ path, options }) =>
    options.filter(({ takesValue }) => takesValue).map((option) => ({ at: patternsOf(path, option), option })),
  );
  return {
    files: all.filter(({ option }) => option.isFile).map(({ at }) => at),
    anything: all.filter(({ option }) => !option.isFile && option.values.length === 0).map(({ at }) => at),
    values: all
      .filter(({ option }) => option.values.length > 0)
      .map(({ at, option }) => ({ at, values: option.values })),
  };
}

function patternsOf(path: string, { words }: Choice): string {
  return words.map((word) => `${path}:${word}`).join(' | ');
}

/** Bash and zsh find out the same way which command is typed: the words that are commands, without values of options. */
function walk(nodes: readonly Node[], [first, last]: readonly [string, string]): string {
  const { files, anything, values } = followingIn(nodes);
  const valued = [...files, ...anything, ...values.map(({ at }) => at)];
  const commands = nodes.filter(({ path }) => path !== '').map(({ path }) => path);
  return `  for ((i = ${first}; i < ${last}; i++)); do
    case $at:$\{words[i]} in
    ${valued.join(' | ')})
      ((i++))
      continue
      ;;
    esac
    case $at/$\{words[i]} in
    ${commands.join(' | ')}) at=$at/$\{words[i]} ;;
    esac
  done`;
}

function bash(tree: Node): string {
  const nodes = allNodes(tree);
  const { files, anything, values } = followingIn(nodes);
  const lists = nodes.map(
    ({ path, commands, options, isFile }) => `  ${path === '' ? "''" : path})
    list='${[...commands.map(({ names }) => names.at(-1)), ...options.flatMap(({ words }) => words)].join(' ')}'
    ${isFile ? 'files=yes' : ':'}
    ;;`,
  );
  return `# Completion of selfprov commands for bash, printed by "selfprov completion bash".
_selfprov() {
  local words=("\${COMP_WORDS[@]}") cur=\${COMP_WORDS[COMP_CWORD]} at='' list='' files='' i
${walk(nodes, ['1', 'COMP_CWORD'])}
  case $at:\${COMP_WORDS[COMP_CWORD - 1]} in
${values.map(({ at, values: its }) => `  ${at})\n    mapfile -t COMPREPLY < <(compgen -W '${its.join(' ')}' -- "$cur")\n    return\n    ;;`).join('\n')}
  ${files.join(' | ')})
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    return
    ;;
  ${anything.join(' | ')})
    COMPREPLY=()
    return
    ;;
  esac
  case $at in
${lists.join('\n')}
  esac
  mapfile -t COMPREPLY < <(compgen -W "$list" -- "$cur")
  [[ -z $files || $cur == -* ]] || {
    compopt -o filenames
    mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$cur")
  }
}
complete -F _selfprov selfprov
`;
}

function zsh(tree: Node): string {
  const nodes = allNodes(tree);
  const { files, anything, values } = followingIn(nodes);
  const described = (word: string, about: string): string => quoted(`${word.replaceAll(':', '\\:')}:${about}`);
  const lists = nodes.map(({ path, commands, options, isFile }) => {
    const below = commands.map(({ names, about }) => described(names.at(-1) ?? '', about));
    const all = options.flatMap(({ words, about }) => words.map((word) => described(word, about)));
    return `  ${path === '' ? "''" : path})
    list=(${[...below, ...all].join(' ')})
    ${isFile ? '_files' : ':'}
    ;;`;
  });
  return `#compdef selfprov
# Completion of selfprov commands for zsh, printed by "selfprov completion zsh".
_selfprov() {
  local at='' i
  local -a list
${walk(nodes, ['2', 'CURRENT'])}
  case $at:\${words[CURRENT - 1]} in
${values.map(({ at, values: its }) => `  ${at})\n    compadd -- ${its.join(' ')}\n    return\n    ;;`).join('\n')}
  ${files.join(' | ')})
    _files
    return
    ;;
  ${anything.join(' | ')}) return ;;
  esac
  case $at in
${lists.join('\n')}
  esac
  _describe selfprov list
}
# Read at once, or loaded by its name.
if [[ $funcstack[1] == _selfprov ]]; then _selfprov "$@"; else compdef _selfprov selfprov; fi
`;
}

function fish(tree: Node): string {
  const nodes = allNodes(tree);
  const { files, anything, values } = followingIn(nodes);
  const valued = [...files, ...anything, ...values.map(({ at }) => at)].join(' | ').split(' | ');
  const commands = nodes.filter(({ path }) => path !== '').map(({ path }) => path);
  const lines = nodes.flatMap((node) => {
    const when = `complete -c selfprov -n '__selfprov_at "${node.path}"'`;
    const below = node.commands.map(({ names, about }) => `${when} -f -a ${names.at(-1)} -d ${quoted(about)}`);
    const all = node.options.map(({ words, about, takesValue, values: its, isFile }) => {
      const names = words.map((word) => (word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`));
      const value = !takesValue ? '' : isFile ? ' -r -F' : its.length > 0 ? ` -x -a '${its.join(' ')}'` : ' -x';
      return `${when} ${names.join(' ')}${value} -d ${quoted(about)}`;
    });
    return [...(node.isFile ? [`${when} -F`] : []), ...below, ...all];
  });
  return `# Completion of selfprov commands for fish, printed by "selfprov completion fish".
function __selfprov_at
  set -l at ''
  set -l is_value no
  for word in (commandline -opc)[2..]
    if test $is_value = yes
      set is_value no
      continue
    end
    switch "$at:$word"
      case ${valued.join(' ')}
        set is_value yes
        continue
    end
    switch "$at/$word"
      case ${commands.join(' ')}
        set at "$at/$word"
    end
  end
  test "$at" = "$argv[1]"
end
complete -c selfprov -f
${lines.join('\n')}
`;
}

/** For a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", '’')}'`;
}
