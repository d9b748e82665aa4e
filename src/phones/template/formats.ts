/** How a file is written, as far as values in it go. */
export type Format = 'line' | 'quoted' | 'xml' | 'json';

/** Makes one value safe for its place in a file. */
export type Escape = (value: unknown) => string;

/** What ends a line somewhere, and what no file of settings has a use for: C0, DEL, C1, line and paragraph separators. */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
const LONE_SURROGATES = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
/** Not characters of XML 1.0 (section 2.2); control characters are gone before. */
const NOT_XML = /[\ufffe\uffff]/g;
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/**
 * How values are written in each format. In all of them a run of control characters becomes one space, so no value can
 * start a line; half a surrogate pair becomes U+FFFD.
 * - `line`: raw to the end of the line; the format knows no quoting, so there is nothing else to do.
 * - `quoted`: between double quotes, in a format without escapes: a double quote becomes a single one.
 * - `xml`: text and attribute values. - `json`: inside a JSON string.
 */
export const ESCAPES: Readonly<Record<Format, Escape>> = {
  line: (value) => clean(value),
  quoted: (value) => clean(value).replaceAll('"', "'"),
  xml: (value) =>
    clean(value)
      .replace(NOT_XML, '')
      .replace(/[&<>"']/g, (char) => ENTITIES[char] ?? ''),
  json: (value) => JSON.stringify(clean(value)).slice(1, -1),
};

function clean(value: unknown): string {
  return String(value).replace(CONTROLS, ' ').replace(LONE_SURROGATES, '\ufffd');
}

/** Encodes a finished file. What ISO 8859-1 does not have becomes a character reference in XML, elsewhere `?`. */
export function encode(text: string, encoding: 'utf-8' | 'iso-8859-1', format: Format): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text, 'utf8');
  const fitting = text.replace(/[^\u0000-\u00ff]/gu, (char) => (format === 'xml' ? `&#${char.codePointAt(0)};` : '?'));
  return Buffer.from(fitting, 'latin1');
}
