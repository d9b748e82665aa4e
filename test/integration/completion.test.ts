import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { allNodes, treeOf, type Node } from '../../src/cli/commandTree.ts';
import { SETTINGS } from '../../src/config.ts';
import { packageRoot } from '../../src/packageRoot.ts';
import { command, programFor } from '../support/command.ts';
import { openTestCore, type TestCore } from '../support/core.ts';

const run = promisify(execFile);

/** Words that each shell offers for the last one of these. */
const OFFERED = {
  bash: async (script: string, words: readonly string[]) => {
    const typed = words.map((word) => `'${word}'`).join(' ');
    const program = `source ${script}; COMP_WORDS=(${typed}); COMP_CWORD=${words.length - 1}; _selfprov 2>/dev/null
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    return lines((await run('bash', ['--norc', '-c', program])).stdout);
  },
  zsh: async (script: string, words: readonly string[]) => {
    const typed = words.map((word) => `'${word}'`).join(' ');
    const program = `compdef() { : }; _files() { print -r -- FILES }
      _describe() { print -rl -- "\${(@P)2}" }; compadd() { shift; print -rl -- "$@" }
      source ${script}; words=(${typed}); CURRENT=${words.length}; _selfprov`;
    const offered = lines((await run('zsh', ['-f', '-c', program])).stdout).map((line) => line.replace(/:.*/, ''));
    return offered.filter((word) => word.startsWith(words.at(-1) ?? ''));
  },
  fish: async (script: string, words: readonly string[]) => {
    const program = `source ${script}; complete -C '${words.join(' ')}'`;
    return lines((await run('fish', ['--no-config', '-c', program])).stdout).map((line) => line.replace(/\t.*/, ''));
  },
} as const;

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

describe('What is printed of all commands', function () {
  this.timeout(60_000);
  let core: TestCore;
  let folder: string;
  let tree: Node;

  before(async () => {
    core = await openTestCore();
    folder = mkdtempSync(join(tmpdir(), 'selfprov-completion-'));
    tree = treeOf(programFor(core));
  });
  after(async () => {
    await core.close();
    rmSync(folder, { recursive: true });
  });

  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    describe(`completion for ${shell}`, () => {
      let script: string;
      before(async () => {
        script = join(folder, shell);
        writeFileSync(script, await command(core, 'completion', shell));
      });
      const offered = (...words: string[]): Promise<string[]> => OFFERED[shell](script, ['selfprov', ...words]);

      it('offers commands, and those below them', async () => {
        expect(await offered('us')).to.deep.equal(['user']);
        expect(await offered('user', 'adop')).to.deep.equal(['adopt']);
        expect(await offered('--tenant', 'acme', 'device', 'unb')).to.deep.equal(['unblock']);
        expect(await offered('user', 'show', '--tenant', 'user', '--effe')).to.deep.equal(['--effective']);
      });

      it('offers options with the choices that an option has', async () => {
        expect(await offered('user', 'remove', '--y')).to.deep.equal(['--yes']);
        expect(await offered('user', 'remove', '1500', '--js')).to.deep.equal(['--json']);
        expect((await offered('user', 'set', '1500', '--self-provisioning', '')).toSorted()).to.deep.equal([
          'off',
          'on',
        ]);
        expect(await offered('user', 'add', '1500', '--name', '')).to.deep.equal([]);
      });

      it('offers every command and every option', async () => {
        // As many as there are take long to ask for one by one.
        for (const { names, commands, options } of allNodes(tree).filter((_, at) => at % 5 === 0)) {
          const below = await offered(...names, '');
          expect(below, names.join(' ')).to.include.members(commands.map((each) => each.names.at(-1)));
          const all = await offered(...names, '--');
          const long = options.flatMap(({ words }) => words.filter((word) => word.startsWith('--')));
          expect(all, names.join(' ')).to.include.members(long);
        }
        const text = readFileSync(script, 'utf8');
        for (const { options } of allNodes(tree))
          for (const { words } of options) for (const word of words) expect(text).to.contain(word.replace(/^--?/, ''));
      });
    });
  }

  describe('the man page', () => {
    let page: string;
    before(async () => {
      page = join(folder, 'selfprov.1');
      writeFileSync(page, `${await command(core, 'man-page')}\n`);
    });

    it('is read without a warning', async () => {
      const env = { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', MANROFFSEQ: '', MANWIDTH: '80' };
      const { stderr } = await run('man', ['--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', page], { env });
      expect(stderr).to.equal('');
    });

    it('has every command with its options, and every setting', async () => {
      const env = { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', MANWIDTH: '200', MAN_KEEP_FORMATTING: '' };
      const text = (await run('man', ['-l', page], { env, maxBuffer: 1e7 })).stdout.replaceAll(/.\x08/g, '');
      for (const { names, commands, options } of allNodes(tree)) {
        if (commands.length > 0 || names.length === 0) continue;
        const [, its = ''] = text.split(`\n   selfprov ${names.join(' ')}`);
        expect(its, names.join(' ')).not.to.equal('');
        const [section = ''] = its.split('\n   selfprov ');
        for (const { words } of options.filter(({ words: [word] }) => word !== '--json' && word !== '--tenant'))
          if (!words.includes('--help')) expect(section, names.join(' ')).to.contain(words.at(-1));
      }
      for (const name of SETTINGS) expect(text).to.contain(name);
      expect(text).to.contain('EXIT STATUS').and.to.contain('SELFPROV_DIR/site.key');
    });
  });

  it('is documented: each setting stands in a table for those who operate it', () => {
    const text = ['operate.md', 'several.md']
      .map((name) => readFileSync(join(packageRoot, 'docs', name), 'utf8'))
      .join();
    const short = (name: string): string => name.replace(/^SELFPROV/, '');
    const missing = SETTINGS.filter((name) => !text.includes(name) && !text.includes(`\`${short(name)}\``));
    expect(missing).to.deep.equal([]);
  });
});
