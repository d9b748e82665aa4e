import { render, word } from './render.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}
interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}
interface Described {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly description?: string;
    readonly schema: Schema;
  }[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}

/** What is read of an OpenAPI document. */
export interface Document {
  readonly info: { readonly version: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** The document as a page to read: each operation with what it takes and gives. */
export function apiPage(document: Document, language: string): string {
  const { paths, tags, components, servers } = document;
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({ path, method: method.toUpperCase(), described })),
  );
  const operationsOf = (tag: string) =>
    all
      .filter(({ described }) => described.tags.includes(tag))
      .map(({ path, method, described }) => ({
        ...{ path, method, id: described.operationId, summary: described.summary, needs: described.description },
        parameters: (described.parameters ?? []).map(({ name, in: where, required, description, schema }) => ({
          ...{ name, where, isNeeded: required, description, type: typeOf(schema) },
        })),
        body: fieldsOf(schemaIn(described.requestBody), components.schemas),
        answers: Object.entries(described.responses).flatMap(([status, answer]) =>
          status.startsWith('2')
            ? [{ status, fields: fieldsOf(schemaIn(answer), components.schemas), type: typeOf(schemaIn(answer) ?? {}) }]
            : [],
        ),
      }));
  const data = {
    tags: tags.map(({ name }) => ({ name, operations: operationsOf(name) })),
    schemas: Object.entries(components.schemas).map(([name, schema]) => ({
      ...{ name, fields: fieldsOf(schema, components.schemas) },
    })),
    base: servers[0]?.url,
  };
  const title = word(language, 'api.title');
  const content = render('api', language, data);
  return render('layout', language, { title, language, signedIn: false, done: null, content });
}

function schemaIn(given: Content | undefined): Schema | undefined {
  return Object.values(given?.content ?? {})[0]?.schema;
}

function fieldsOf(schema: Schema | undefined, named: Readonly<Record<string, Schema>>) {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schema.$ref === undefined ? schema : (named[nameOf(schema.$ref)] ?? {});
  return Object.entries(properties).map(([name, each]) => ({
    ...{ name, type: typeOf(each), description: each.description, isNeeded: required.includes(name) },
  }));
}

/** In a few words: `string`, `User[]`, `a | b`. */
function typeOf({ $ref, type, enum: choices, items, anyOf }: Schema): string {
  if ($ref !== undefined) return nameOf($ref);
  if (choices !== undefined) return choices.map(String).join(' | ');
  if (anyOf !== undefined) return anyOf.map(typeOf).join(' | ');
  if (items !== undefined) return `${typeOf(items)}[]`;
  return type === undefined ? 'any' : [type].flat().join(' | ');
}

function nameOf(reference: string): string {
  return reference.split('/').at(-1) ?? reference;
}
