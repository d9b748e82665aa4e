import { expect } from 'chai';
import { isRefusal } from '../../src/domain/errors.ts';

/** What loading families is refused for, a mistake each, paths from `folder` on; empty when it is not refused. */
export function mistakesOf(load: () => unknown, folder: string): readonly string[] {
  try {
    load();
    return [];
  } catch (error) {
    if (!isRefusal(error, 'invalid')) throw error;
    return error.message.split('\n').map((line) => line.replace(`${folder}/`, ''));
  }
}

/** These mistakes, by how each begins, and no others. */
export function expectMistakes(found: readonly string[], beginnings: readonly string[]): void {
  for (const start of beginnings) {
    expect(
      found.some((mistake) => mistake.startsWith(start)),
      `${start}\nnot in\n${found.join('\n')}`,
    ).to.equal(true);
  }
  expect(found.length, found.join('\n')).to.equal(beginnings.length);
}
