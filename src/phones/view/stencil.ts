import type { Families, FileAsked } from '../family/family.ts';
import { encode, ESCAPES } from '../template/formats.ts';
import type { View } from '../template/viewTypes.ts';
import { renderText, templateOf } from './render.ts';
import type { LineTexts, Texts } from './texts.ts';

/**
 * A file with holes where the texts of one phone stand. For any other phone whose view is the same but for its texts, and
 * which has the same ones of them (`presenceOf`), filling the holes gives the bytes that rendering gives.
 */
export interface Stencil {
  fill(texts: Texts): Buffer;
}

/** Private use: templates and settings have none of these; if one had, `cutStencil` would see it. */
const MARK = '\ue000';
const FIRST_MARK = 0xe100;
const MOST_MARKS = 0x1700;
const MARKS = /\ue000([\ue100-\uf7ff])/;

/**
 * Renders a file once with a mark in the place of each text, and cuts it there. A template can do two things with a text: ask
 * whether it is there, which all phones of this stencil answer alike, and write it, escaped as the format has it; a mark
 * passes through that unchanged, and no text has a line end left that could matter to what follows. `undefined` where a file
 * has to be rendered each time, and where anything is not as said: the cut file, filled with the texts it was cut with, must be
 * the rendered one.
 */
export function cutStencil(
  families: Families,
  file: FileAsked,
  viewWith: (marked: (texts: Texts) => Texts) => View,
): Stencil | undefined {
  const { entry, templates } = templateOf(families, file);
  // How long a line is depends on what is in it.
  if (entry.max_line !== undefined) return undefined;
  let own: Texts | undefined;
  const view = viewWith((texts) => {
    own = texts;
    return marked(texts);
  });
  if (own === undefined || flat(own).length > MOST_MARKS) return undefined;
  const [first = '', ...marksAndLiterals] = renderText(templates, entry, view).split(MARKS);
  const cuts = Array.from({ length: marksAndLiterals.length / 2 }, (_, at) => ({
    hole: (marksAndLiterals[2 * at] ?? '').charCodeAt(0) - FIRST_MARK,
    literal: marksAndLiterals[2 * at + 1] ?? '',
  }));
  const escape = ESCAPES[entry.format];
  const encoded = (text: string): Buffer => encode(text, entry.encoding, entry.format);
  const pieces = cuts.map(({ hole, literal }) => ({ hole, bytes: encoded(literal) }));
  const start = encoded(first);
  const literals = pieces.reduce((sum, { bytes }) => sum + bytes.length, start.length);
  const stencil: Stencil = {
    fill(texts) {
      const all = flat(texts);
      const filled: (Buffer | undefined)[] = [];
      let length = literals;
      for (const { hole } of pieces) length += (filled[hole] ??= encoded(escape(all[hole]))).length;
      const file = Buffer.allocUnsafe(length);
      let at = start.copy(file);
      for (const { hole, bytes } of pieces) {
        at += filled[hole]?.copy(file, at) ?? 0;
        at += bytes.copy(file, at);
      }
      return file;
    },
  };
  const rendered = renderText(
    templates,
    entry,
    viewWith((texts) => texts),
  );
  return stencil.fill(own).equals(encode(rendered, entry.encoding, entry.format)) ? stencil : undefined;
}

/** Which texts are there: for a template all else is one. */
export function presenceOf(texts: Texts): string {
  let presence = '';
  for (const text of flat(texts)) presence += text === null ? '-' : text === '' ? '0' : '1';
  return presence;
}

/** Always in this order. */
function flat({ device, night, url, lines }: Texts): readonly (string | null)[] {
  const all: (string | null)[] = [
    ...[device.mac, device.mac_upper, device.mac_colons, device.mac_dashes, device.firmware],
    ...[night.at_hour, night.at_minute, url.url, url.address, url.path, url.folder],
  ];
  for (const line of lines) {
    all.push(line.label, line.safe_label, line.display_name, line.safe_display_name, line.quoted_display_name);
    all.push(line.user_name, line.auth_name, line.password, line.ha1);
  }
  return all;
}

/** The texts with a mark of its own for each that is there, counted as `flat` has them. */
function marked({ device, night, url, lines }: Texts): Texts {
  let count = 0;
  const mark = <T extends string | null>(text: T): T => {
    const at = count++;
    return (text === null || text === '' ? text : MARK + String.fromCharCode(FIRST_MARK + at)) as T;
  };
  return {
    device: {
      mac: mark(device.mac),
      mac_upper: mark(device.mac_upper),
      mac_colons: mark(device.mac_colons),
      mac_dashes: mark(device.mac_dashes),
      firmware: mark(device.firmware),
    },
    night: { at_hour: mark(night.at_hour), at_minute: mark(night.at_minute) },
    url: { url: mark(url.url), address: mark(url.address), path: mark(url.path), folder: mark(url.folder) },
    lines: lines.map((line): LineTexts => ({
      label: mark(line.label),
      safe_label: mark(line.safe_label),
      display_name: mark(line.display_name),
      safe_display_name: mark(line.safe_display_name),
      quoted_display_name: mark(line.quoted_display_name),
      user_name: mark(line.user_name),
      auth_name: mark(line.auth_name),
      password: mark(line.password),
      ha1: mark(line.ha1),
    })),
  };
}
