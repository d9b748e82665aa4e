import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { LineReading, Settings } from './reading.ts';

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
});

/** What is in the only element `root` of a document; throws when it is another document. */
export function childrenOf(file: string, root: string): Readonly<Record<string, unknown>> {
  const valid = XMLValidator.validate(file);
  if (valid !== true) throw new Error(`not XML: ${valid.err.msg} in line ${valid.err.line}`);
  const found: unknown = (parser.parse(file) as Readonly<Record<string, unknown>>)[root];
  if (typeof found !== 'object' || found === null) throw new Error(`no <${root}>`);
  return found as Readonly<Record<string, unknown>>;
}

/** The text of an element that may have attributes. */
export function textOf(element: unknown): string {
  if (typeof element === 'string') return element;
  if (typeof element !== 'object' || element === null) return '';
  const text: unknown = (element as Readonly<Record<string, unknown>>)['#text'];
  return typeof text === 'string' ? text : '';
}

/**
 * Settings that are elements with a number for a name, `<P47>…</P47>`, in `<config version="1">`. A phone takes each once, so a
 * file that says one twice is not what was meant.
 */
export function parsePValues(file: string, root: string): Settings {
  const document = childrenOf(file, root);
  const config = document['config'];
  if (typeof config !== 'object' || config === null) throw new Error('no <config>');
  if ((config as Readonly<Record<string, unknown>>)['@version'] !== '1') throw new Error('not version 1');
  const settings = new Map<string, string>();
  if (document['mac'] !== undefined) settings.set('mac', textOf(document['mac']));
  for (const [name, element] of Object.entries(config)) {
    if (name === '#text' || name.startsWith('@')) continue;
    if (!/^P\d+$/.test(name)) throw new Error(`not a P value: ${name}`);
    if (Array.isArray(element)) throw new Error(`${name} is there twice`);
    settings.set(name, textOf(element));
  }
  return settings;
}

/** `host` or `host:port`. */
export function hostAndPort(text: string): { readonly host: string; readonly port: number } {
  const [host = '', port = '5060'] = text.split(':');
  return { host, port: Number(port) };
}

export const TRANSPORTS = ['udp', 'tcp', 'tls'] as const;

/** 0 never, 1 offered, 2 demanded. */
export const SRTP: readonly LineReading['srtp'][] = ['off', 'offered', 'required'];
