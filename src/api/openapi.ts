import { z } from 'zod';
import { RIGHTS } from '../domain/access.ts';
import { takesKey, type Operation } from './operation.ts';
import { PROBLEM, PROBLEM_STATUSES } from './problem.ts';

/** Where the API is, on the listener for administration. */
export const API_PATH = '/api/v1';

type Json = Readonly<Record<string, unknown>>;

/** The operations as an OpenAPI 3.1 document: made from the schemas that check requests. */
export function openApi(operations: readonly Operation[], version: string): Json {
  const components: Record<string, unknown> = {};
  const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
    const { $schema: _, $defs = {}, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
    for (const [name, definition] of Object.entries($defs)) components[name] = inComponents(definition);
    return inComponents(rest) as Json;
  };
  const problem = schemaOf(PROBLEM, 'output');
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const { path, method } = operation;
    (paths[path] ??= {})[method] = describe(operation, schemaOf);
  }
  paths['/tenants/{tenant}/events/stream'] = { get: EVENT_STREAM };
  return {
    openapi: '3.1.0',
    info: {
      title: 'selfprov',
      version,
      description:
        'Self-provisioning of SIP phones on Asterisk. A list is answered a page at a time: `after` takes `next` of the page before.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: API_PATH }],
    security: [{ token: [] }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: components,
      responses: {
        Problem: { description: 'why not', content: { 'application/problem+json': { schema: problem } } },
      },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'of `selfprov token add`' },
      },
    },
  };
}

/** What is no answer but goes on. */
const EVENT_STREAM: Json = {
  operationId: 'streamEvents',
  tags: ['events'],
  summary: 'what happens, as it happens, as server-sent events: each is an `Event` under the name of its step',
  description: `Needs the right \`see\`: ${RIGHTS.see}.`,
  parameters: [
    { name: 'tenant', in: 'path', required: true, schema: { type: 'string' } },
    { name: 'after', in: 'query', required: false, description: 'an event’s id', schema: { type: 'string' } },
    header('Last-Event-ID', 'the same, as browsers send it when they come again'),
  ],
  responses: {
    200: { description: 'events', content: { 'text/event-stream': { schema: { type: 'string' } } } },
    ...Object.fromEntries(PROBLEM_STATUSES.map((each) => [each, { $ref: '#/components/responses/Problem' }] as const)),
  },
};

function describe(operation: Operation, schemaOf: (schema: z.ZodType, io: 'input' | 'output') => Json): Json {
  const { id, tag, summary, right, status, body, answer, method, location } = operation;
  const changes = method === 'patch' || method === 'put' || method === 'delete';
  const { type = 'application/json', takesCsv, takesFile } = operation;
  const content = answer === null ? {} : { content: { [type]: { schema: schemaOf(answer, 'output') } } };
  const table = takesCsv === true ? { 'text/csv': { schema: { type: 'string' } } } : {};
  const headers = {
    ...(method === 'get' ? { ETag: { schema: { type: 'string' } } } : {}),
    ...(location === undefined ? {} : { Location: { schema: { type: 'string' } } }),
  };
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: `Needs the right \`${right}\`: ${RIGHTS[right]}.`,
    parameters: [
      ...parametersOf(operation.at, 'path', schemaOf),
      ...parametersOf(operation.query, 'query', schemaOf),
      ...(takesKey(operation) ? [header('Idempotency-Key', 'the same answer for the same request, for a day')] : []),
      ...(changes ? [header('If-Match', 'the ETag of what is to be changed: refused when it is another by now')] : []),
    ],
    ...(body === null
      ? {}
      : {
          requestBody: {
            required: true,
            content:
              takesFile === true
                ? { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } }
                : { 'application/json': { schema: schemaOf(body, 'input') }, ...table },
          },
        }),
    responses: {
      [status]: { description: status === 204 ? 'done' : summary, ...content, headers },
      ...Object.fromEntries(
        PROBLEM_STATUSES.map((each) => [each, { $ref: '#/components/responses/Problem' }] as const),
      ),
    },
  };
}

function header(name: string, description: string): Json {
  return { name, in: 'header', required: false, description, schema: { type: 'string' } };
}

function parametersOf(
  schema: z.ZodObject,
  where: 'path' | 'query',
  schemaOf: (schema: z.ZodType, io: 'input') => Json,
): readonly Json[] {
  return Object.entries(schema.shape).map(([name, each]) => {
    const { description, ...rest } = schemaOf(each as z.ZodType, 'input');
    const isNeeded = where === 'path' || !(each as z.ZodType).safeParse(undefined).success;
    return {
      ...{ name, in: where, required: isNeeded, schema: rest },
      ...(description === undefined ? {} : { description }),
    };
  });
}

/** References lead to where OpenAPI has them. */
function inComponents(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inComponents);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) =>
      name === '$ref' && typeof each === 'string'
        ? [name, each.replace('#/$defs/', '#/components/schemas/')]
        : [name, inComponents(each)],
    ),
  );
}
