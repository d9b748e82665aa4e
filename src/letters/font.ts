import { create } from 'fontkit';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/**
 * Noto Sans, which is embedded: Latin (Vietnamese too), Greek, Cyrillic and Devanagari. What is written from right to left
 * is not in it, and could not be laid out either.
 */
const FILES = { text: '400Regular/NotoSans_400Regular.ttf', bold: '600SemiBold/NotoSans_600SemiBold.ttf' } as const;

const find = createRequire(import.meta.url).resolve;

export type Weight = keyof typeof FILES;

export const WEIGHTS = Object.keys(FILES) as readonly Weight[];

export function fontFile(weight: Weight): Buffer {
  return readFileSync(find(`@expo-google-fonts/noto-sans/${FILES[weight]}`));
}

let covering: ReturnType<typeof create> | undefined;

/** The characters of a text that would be printed as empty boxes, each once. */
export function unprintable(text: string): readonly string[] {
  const font = (covering ??= create(fontFile('text')));
  if ('fonts' in font) throw new Error(`${FILES.text} is a collection of fonts`);
  return [...new Set(text)].filter((one) => !font.hasGlyphForCodePoint(one.codePointAt(0) ?? 0));
}
