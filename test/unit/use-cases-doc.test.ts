import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import {
  BOTH,
  leavesOf,
  ONLY_COMMANDS,
  ONLY_OPERATIONS,
  useCasesDoc,
  USE_CASES_DOC,
} from '../../scripts/makeUseCasesDoc.ts';
import { OPERATIONS } from '../../src/api/operations.ts';
import { wholeTree } from '../support/command.ts';

describe('The page about what can be done', () => {
  const commands = leavesOf(wholeTree()).map(({ names }) => names.join(' '));
  const operations = OPERATIONS.map(({ id }) => id);

  it('says what there is: npx tsx scripts/makeUseCasesDoc.ts makes it anew', async () => {
    expect(readFileSync(USE_CASES_DOC, 'utf8')).to.equal(await useCasesDoc(wholeTree()));
  });

  it('calls pages what they are called on the page', () => {
    expect(readFileSync(USE_CASES_DOC, 'utf8')).not.to.match(/\bnav\.\w+/);
  });

  it('names each command once: with an operation, or with the reason why there is none', () => {
    expect([...Object.keys(BOTH), ...Object.keys(ONLY_COMMANDS)]).to.have.members(commands);
    const without = Object.entries(BOTH).filter(([, ids]) => ids.length === 0);
    expect(without).to.deep.equal([]);
  });

  it('names each operation: beside a command, or with the reason why there is none', () => {
    const named = [...new Set([...Object.values(BOTH).flat(), ...Object.keys(ONLY_OPERATIONS)])];
    expect(named).to.have.members(operations);
    const both = Object.keys(ONLY_OPERATIONS).filter((id) => Object.values(BOTH).flat().includes(id));
    expect(both).to.deep.equal([]);
  });

  it('has no two operations of one name, or of one place', () => {
    expect(new Set(operations).size).to.equal(operations.length);
    const places = OPERATIONS.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`);
    expect(new Set(places).size).to.equal(places.length);
  });
});
