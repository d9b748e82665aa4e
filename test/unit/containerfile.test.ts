import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { packageRoot } from '../../src/packageRoot.ts';

const read = (file: string): string => readFileSync(join(packageRoot, file), 'utf8');

interface Instruction {
  readonly name: string;
  readonly words: readonly string[];
}

/** Lines that are no comment, with those that they go on in. */
function instructionsOf(text: string): readonly Instruction[] {
  return text
    .replaceAll('\\\n', '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [name = '', ...words] = line.trim().split(/\s+/);
      return { name, words };
    });
}

describe('The Containerfile', () => {
  const instructions = instructionsOf(read('Containerfile'));
  const named = (name: string): readonly (readonly string[])[] =>
    instructions.filter((one) => one.name === name).map(({ words }) => words);
  const copied = named('COPY').filter((words) => !words.some((word) => word.startsWith('--')));

  it('has instructions that there are, and begins with one that says from where', () => {
    const known = ['FROM', 'WORKDIR', 'RUN', 'COPY', 'USER', 'ENV', 'VOLUME', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD'];
    for (const { name, words } of instructions) {
      expect(known).to.include(name);
      expect(words, name).not.to.have.length(0);
      if (name === 'ENTRYPOINT' || name === 'CMD') expect(JSON.parse(words.join(' '))).to.be.an('array');
    }
    expect(instructions[0]?.name).to.equal('FROM');
  });

  it('copies what is there, and what the ignore file lets through', () => {
    const shown = read('.containerignore')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    for (const source of copied.flatMap((words) => words.slice(0, -1))) {
      expect(existsSync(join(packageRoot, source)), source).to.equal(true);
      expect(shown).to.include(source.split('/')[0]);
    }
  });

  it('has all that a package has, by copying or from the stage before', () => {
    const { files } = JSON.parse(read('package.json')) as { readonly files: readonly string[] };
    const last = named('COPY').map((words) => words.at(-1));
    for (const folder of files) expect(last).to.include(folder);
  });

  it('runs as a user of its own, keeps what it knows in a volume, and says whether it is well', () => {
    expect(named('USER').at(-1)).to.deep.equal(['selfprov']);
    expect(named('VOLUME')).to.deep.equal([['/var/lib/selfprov']]);
    expect(named('HEALTHCHECK').flat().join(' ')).to.contain('/healthz');
  });

  it('has no secret in a layer', () => {
    expect(read('Containerfile')).not.to.match(/PASSWORD|SITE_KEY|DATABASE_URL/);
  });

  it('is what the example of compose runs twice, with commands that there are', () => {
    const { services } = parse(read('packaging/compose.yaml')) as {
      readonly services: Readonly<
        Record<string, { readonly command: readonly string[]; readonly network_mode: string }>
      >;
    };
    const program = read('src/cli/program.ts');
    for (const { command, network_mode: network } of Object.values(services)) {
      expect(program).to.contain(`.command('${command[0]}')`);
      expect(network).to.equal('host');
    }
  });
});
