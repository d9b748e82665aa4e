import { XMLParser, XMLValidator } from 'fast-xml-parser';

/** An element, or the document around the root. Read it with the functions below. */
export interface Element {
  readonly [name: string]: unknown;
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  ignoreDeclaration: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  htmlEntities: true,
  alwaysCreateTextNode: true,
  isArray: (_name, _path, _leaf, isAttribute) => !isAttribute,
});

/** Throws when it is not well-formed. */
export function parseXml(file: string): Element {
  const valid = XMLValidator.validate(file);
  if (valid !== true) throw new Error(`not XML: ${valid.err.msg} in line ${valid.err.line}`);
  return parser.parse(file) as Element;
}

/** The root of a document; throws when it has another name. */
export function rootOf(file: string, name: string): Element {
  return onlyChild(parseXml(file), name);
}

/** Throws unless there is exactly one. */
export function onlyChild(element: Element, name: string): Element {
  const [found, second] = children(element, name);
  if (found === undefined || second !== undefined) throw new Error(`not one <${name}>`);
  return found;
}

export function children(element: Element, name: string): readonly Element[] {
  const found = element[name];
  return Array.isArray(found) ? (found as readonly Element[]) : [];
}

/** The elements at the end of a way down from this one, by the name of each step. */
export function descend(element: Element, ...way: readonly string[]): readonly Element[] {
  return way.reduce<readonly Element[]>((found, name) => found.flatMap((each) => children(each, name)), [element]);
}

/** All elements directly inside, with their names; those of one name together. */
export function allChildren(element: Element): readonly (readonly [name: string, child: Element])[] {
  return Object.keys(element).flatMap((name) => children(element, name).map((child) => [name, child] as const));
}

/** Empty when there is none. */
export function attribute(element: Element, name: string): string {
  const found = element[`@${name}`];
  return typeof found === 'string' ? found : '';
}

export function allAttributes(element: Element): readonly (readonly [name: string, value: string])[] {
  return Object.keys(element)
    .filter((key) => key.startsWith('@'))
    .map((key) => [key.slice(1), attribute(element, key.slice(1))]);
}

/** The element's own text, white space and all. */
export function textOf(element: Element): string {
  const found = element['#text'];
  return typeof found === 'string' ? found : '';
}
