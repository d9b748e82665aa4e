import PdfDocument from 'pdfkit';
import { buffer } from 'node:stream/consumers';
import { fontFile, WEIGHTS, type Weight } from './font.ts';
import { pageOf, type Letter, type Page } from './letter.ts';
import { PAPERS, type Paper } from './paper.ts';
import type { Passage } from './words/words.ts';

type Document = InstanceType<typeof PdfDocument>;

const MARGIN = { side: 68, top: 56, bottom: 48 };
const COLUMN = 38;
/** Length of the marks at which a sheet is folded in three. */
const FOLD_MARK = 12;

/** One page for each letter, in black alone. Its texts must be printable: see `unprintable`. */
export async function lettersAsPdf(letters: readonly Letter[], paper: Paper): Promise<Buffer> {
  const { width, height } = PAPERS[paper];
  const [first] = letters;
  const document = new PdfDocument({
    size: [width, height],
    // Where things stand is said below; the library must not begin pages by itself.
    margin: 0,
    autoFirstPage: false,
    displayTitle: true,
    ...(first === undefined ? {} : { lang: first.language, info: { Title: pageOf(first).title } }),
  });
  const whole = buffer(document);
  // A font that is read anew: one that has been in another document has forgotten what some of its glyphs stand for.
  for (const weight of WEIGHTS) document.registerFont(weight, fontFile(weight));
  for (const letter of letters) {
    document.addPage();
    drawPage(document, pageOf(letter));
  }
  document.end();
  return whole;
}

function drawPage(document: Document, page: Page): void {
  const { width, height } = document.page;
  const left = MARGIN.side;
  const room = width - 2 * MARGIN.side;
  for (const part of [1 / 3, 2 / 3]) rule(document, 0, FOLD_MARK, height * part, 0.5);

  let y = MARGIN.top;
  y += text(document, page.organisation, { x: left, y, width: room, sizes: [11, 9], lines: 2 });
  y += 8;
  rule(document, left, left + room, y, 0.75);
  y += 22;
  y += text(document, page.name, { weight: 'bold', x: left, y, width: room, sizes: [24, 18, 14, 10, 8], lines: 2 });
  y += 1;
  y += text(document, page.title, { x: left, y, width: room, sizes: [14] });
  y += 18;
  y = drawFacts(document, page, { x: left, y, width: room }) + 24;
  for (const [at, step] of page.steps.entries()) {
    text(document, String(at + 1), { weight: 'bold', x: left, y: y - 3, width: COLUMN, sizes: [22] });
    y += passage(document, step, { x: left + COLUMN, y, width: room - COLUMN }) + 15;
  }
  y += 4;
  rule(document, left, left + room, y, 0.75);
  y += 16;
  for (const note of page.notes) y += passage(document, note, { x: left, y, width: room }) + 14;

  const end = { x: left, width: room, sizes: [9], weight: 'bold' } as const;
  text(document, page.keep, { ...end, y: height - MARGIN.bottom - 12 });
}

/** A frame with what is keyed in, as large as it goes; gives where it ends. */
function drawFacts(document: Document, { facts }: Page, box: { x: number; y: number; width: number }): number {
  const [height, inset] = [96, 18];
  // The last is the secret, and the largest.
  const widths = [box.width * 0.4, box.width * 0.6];
  document.lineWidth(1).rect(box.x, box.y, box.width, height).stroke('black');
  for (const [at, { label, value }] of facts.entries()) {
    const [x, width] = [box.x + (at === 0 ? 0 : box.width * 0.4), widths[at] ?? 0];
    if (at > 0)
      document
        .moveTo(x, box.y)
        .lineTo(x, box.y + height)
        .stroke('black');
    const inside = { x: x + inset, width: width - 2 * inset };
    text(document, label, { ...inside, y: box.y + 11, sizes: [11] });
    const sizes = [46, 40, 36, 28, 22, 17, 13, 10, 8];
    const size = fitting(document, value, { weight: 'bold', width: inside.width, sizes, spacing: 1 });
    // All sizes stand on one line.
    const y = box.y + 79 - size * 1.069;
    text(document, value, { ...inside, weight: 'bold', y, sizes: [size], spacing: 1 });
  }
  return box.y + height;
}

/** Gives its height. */
function passage(
  document: Document,
  { heading, text: words }: Passage,
  at: { x: number; y: number; width: number },
): number {
  const height = text(document, heading, { ...at, weight: 'bold', sizes: [12] }) + 1;
  return height + text(document, words, { ...at, y: at.y + height, sizes: [11.5], lines: 5 });
}

interface Words {
  readonly width: number;
  /** Points; the first that fits into the lines is taken, and what does not fit the last is cut off. */
  readonly sizes: readonly number[];
  readonly lines?: number;
  readonly weight?: Weight;
  readonly spacing?: number;
}

/** Gives its height. */
function text(document: Document, words: string, given: Words & { readonly x: number; readonly y: number }): number {
  const { x, y, width, lines = 1, spacing = 0 } = given;
  document.fontSize(fitting(document, words, given)).fillColor('black');
  const options = { width, characterSpacing: spacing };
  const height = Math.min(document.heightOfString(words, options), lines * document.currentLineHeight(true));
  document.text(words, x, y, { ...options, height: height + 0.1, ellipsis: true });
  return height;
}

function fitting(
  document: Document,
  words: string,
  { width, sizes, lines = 1, weight = 'text', spacing = 0 }: Words,
): number {
  document.font(weight);
  const fits = (size: number): boolean => {
    document.fontSize(size);
    const height = document.heightOfString(words, { width, characterSpacing: spacing });
    return height <= lines * document.currentLineHeight(true) + 0.1;
  };
  return sizes.find(fits) ?? Math.min(...sizes);
}

function rule(document: Document, from: number, to: number, y: number, thickness: number): void {
  document.lineWidth(thickness).moveTo(from, y).lineTo(to, y).stroke('black');
}
