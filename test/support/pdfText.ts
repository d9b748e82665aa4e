import { inflateSync } from 'node:zlib';

/** A piece of text where it stands: points from the lower left corner to its baseline. */
export interface Run {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly text: string;
}

/** What a reader of a PDF sees, page by page. Reads what our library writes: embedded fonts with a map to Unicode. */
export function readPdf(pdf: Buffer): readonly (readonly Run[])[] {
  const file = pdf.toString('latin1');
  const objects = new Map<string, string>();
  for (const [, id = '', body = ''] of file.matchAll(/^(\d+) 0 obj\n(.*?)\nendobj/gms)) objects.set(id, body);
  const at = (body: string, name: string): string => {
    const id = new RegExp(`/${name} (\\d+) 0 R`).exec(body)?.[1] ?? '';
    return objects.get(id) ?? '';
  };
  const pages = [...objects.values()].filter((body) => body.includes('/Type /Page\n'));
  return pages.map((page) => {
    const resources = at(page, 'Resources');
    const fonts = new Map<string, readonly string[]>();
    for (const [, name = ''] of resources.matchAll(/\/(F\d+) \d+ 0 R/g))
      fonts.set(name, lettersOf(streamOf(at(at(resources, name), 'ToUnicode'))));
    return [...streamOf(at(page, 'Contents')).matchAll(/BT\n(.*?)\nET/gs)].map(([, block = '']) => runOf(block, fonts));
  });
}

/** The texts of a page as one, without the line breaks. */
export function wordsOf(runs: readonly Run[]): string {
  return plain(runs.map(({ text }) => text).join(' '));
}

export function plain(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function runOf(block: string, fonts: ReadonlyMap<string, readonly string[]>): Run {
  const [, x, y] = /([\d.-]+) ([\d.-]+) Tm/.exec(block) ?? [];
  const [, name = '', size] = /\/(F\d+) ([\d.]+) Tf/.exec(block) ?? [];
  const glyphs = [...block.matchAll(/<([\da-f]+)>/g)].flatMap(([, hex = '']) => hex.match(/.{4}/g) ?? []);
  const text = glyphs.map((glyph) => fonts.get(name)?.[Number.parseInt(glyph, 16)] ?? '?').join('');
  return { x: Number(x), y: Number(y), size: Number(size), text };
}

/** Glyph → its letters. */
function lettersOf(map: string): readonly string[] {
  const ranges = [...map.matchAll(/<([\da-f]{4})> <[\da-f]{4}> \[(.*?)\]/g)];
  const letters: string[] = [];
  for (const [, from = '', list = ''] of ranges) {
    for (const [i, [, codes = '']] of [...list.matchAll(/<([\da-f ]*)>/g)].entries()) {
      const units = codes.split(' ').flatMap((code) => code.match(/.{4}/g) ?? []);
      letters[Number.parseInt(from, 16) + i] = String.fromCharCode(...units.map((unit) => Number.parseInt(unit, 16)));
    }
  }
  return letters;
}

function streamOf(body: string): string {
  const start = body.indexOf('stream\n') + 'stream\n'.length;
  const length = Number(/\/Length (\d+)/.exec(body)?.[1]);
  return inflateSync(Buffer.from(body.slice(start, start + length), 'latin1')).toString('latin1');
}
