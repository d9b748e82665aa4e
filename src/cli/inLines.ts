import { StringDecoder } from 'node:string_decoder';

/** Longer lines are cut off: a stream without line ends must not fill the memory. */
const LONGEST_LINE = 1024 * 1024;

/**
 * Answers every line of a stream, numbered from 1, and yields the answers of one piece of input together: as fast as
 * pieces are asked for and no faster.
 */
export async function* inLines(
  source: AsyncIterable<string | Buffer>,
  answer: (line: string, number: number) => string,
): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let number = 0;
  for await (const piece of source) {
    const lines = `${rest}${typeof piece === 'string' ? piece : decoder.write(piece)}`.split('\n');
    rest = (lines.pop() ?? '').slice(0, LONGEST_LINE);
    const answers = lines.map((line) => answer(line, ++number)).join('');
    if (answers !== '') yield answers;
  }
  rest += decoder.end();
  if (rest !== '') yield answer(rest, number + 1);
}
