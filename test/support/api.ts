import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { addApiToken } from '../../src/administration/apiTokens.ts';
import { API_PATH, openApi } from '../../src/api/openapi.ts';
import type { Facts } from '../../src/api/operation.ts';
import { OPERATIONS } from '../../src/api/operations.ts';
import type { Secret } from '../../src/domain/secret.ts';
import { adminApp } from '../../src/http/admin.ts';
import { apiRoutes } from '../../src/http/apiApp.ts';
import { pageRoutes } from '../../src/http/pageApp.ts';
import type { SignInWays } from '../../src/http/signInRoutes.ts';
import { listenHttp } from '../../src/http/listenHttp.ts';
import { createLog } from '../../src/log.ts';
import { familyFolder } from '../../src/staticFiles/familyFolder.ts';
import { join } from 'node:path';
import { answerNeeds } from './answerNeeds.ts';
import type { TestCore } from './core.ts';

/** A value for each place in a path but the tenant: none of it is there. */
export const SOMEWHERE = {
  ...{ extension: '1999', name: 'x', mac: '00156500aa01', id: '1', server: 'isc', webhook: '1', family: 'x' },
} as const;

/** What is asked by the name of an operation. */
export interface Call {
  readonly at?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** A text is sent as a table, bytes as a file. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of one that may do everything. */
  readonly token?: string | null;
}

export interface Answered<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface TestApi {
  readonly url: string;
  readonly log: readonly string[];
  /** Asks, and compares what is sent, unless it is refused, and what comes back with the document. */
  call<Body = Readonly<Record<string, unknown>>>(id: string, call?: Call): Promise<Answered<Body>>;
  /** Makes a token. */
  token(scopes: readonly string[], tenantId?: string | null): Promise<string>;
  close(): Promise<void>;
}

type Content = Readonly<Record<string, { readonly schema: object }>>;
interface Described {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content; readonly $ref?: string }>>;
}

const DOCUMENT = openApi(OPERATIONS, '0') as unknown as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly responses: { readonly Problem: { readonly content: Content } } };
};

/** `document` is compared with, and knows nothing of the code. */
export function validatorOf(document: object): (schema: object, value: unknown) => string | undefined {
  const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
  ajv.addVocabulary(['openapi', 'info', 'servers', 'security', 'tags', 'paths', 'components', 'example']);
  formats.default(ajv);
  ajv.addSchema(document, 'api');
  return (schema, value) => {
    const text = JSON.stringify(schema).replaceAll('"#/', '"api#/');
    const validate = ajv.compile(JSON.parse(text) as object);
    return validate(value) ? undefined : ajv.errorsText(validate.errors);
  };
}

interface ApiWanted {
  /** Where it listens; else wherever there is room. */
  readonly port?: number;
  readonly signInWays?: SignInWays;
  readonly trustProxy?: readonly string[];
}

/** The API and the page over a test's store, with the shipped families. */
export async function startApi(
  core: TestCore,
  more: Partial<Facts> = {},
  { port = 0, signInWays = {}, trustProxy = [] }: ApiWanted = {},
): Promise<TestApi> {
  const log: string[] = [];
  const { families, server } = answerNeeds(core);
  const logged = createLog('debug', { write: (line: string) => void log.push(line) });
  const health = () => Promise.resolve({ database: { state: 'up', ok: true } });
  const facts = {
    ...{ families, server: () => server, openUrl: () => server.openUrl },
    checkNumbers: () => Promise.resolve(new Map<string, never>()),
    familyFolder: familyFolder(join(core.directory, 'files')),
    sounds: () => null,
    linkOf: (token: Secret) => `https://selfprov.example/welcome/${token.reveal()}`,
    checkContext: () => Promise.resolve(),
    clashes: () => Promise.resolve([]),
    health,
    ...more,
  };
  const api = apiRoutes({ core, facts, version: '0', log: logged });
  const page = pageRoutes({ core, facts, log: logged, signInWays });
  const behind = { api, page, trustProxy };
  const listener = await listenHttp(
    adminApp(health, (_request, response) => void response.end(), behind),
    {
      host: '127.0.0.1',
      port,
      what: 'tests',
      log: logged,
    },
  );
  const url = `http://127.0.0.1:${listener.port}`;
  const wrong = validatorOf(DOCUMENT);
  const token: TestApi['token'] = async (scopes, tenantId = null) => {
    const added = await addApiToken(core, {
      name: `test-${(await core.store.apiTokens()).length + 1}`,
      scopes,
      tenantId,
      lasts: null,
    });
    return added.token.reveal();
  };
  const all = await token(['read', 'write', 'secrets', 'access']);
  return {
    ...{ url, log, token },
    async call<Body>(
      id: string,
      { at = { tenant: 'default' }, query = {}, body: given, headers = {}, token: shown = all }: Call = {},
    ) {
      const { method, path, described } = operationNamed(id);
      const body = method === 'get' ? undefined : given;
      const sentAs = typeOf(body);
      const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(at[name] ?? ''));
      const asked = `${url}${API_PATH}${filled}${Object.keys(query).length === 0 ? '' : `?${new URLSearchParams(query).toString()}`}`;
      const response = await fetch(asked, {
        method: method.toUpperCase(),
        headers: {
          // Else fetch adds a word that forbids 304.
          'cache-control': 'max-age=0',
          ...(shown === null ? {} : { authorization: `Bearer ${shown}` }),
          ...(sentAs === undefined ? {} : { 'content-type': sentAs }),
          ...headers,
        },
        ...(sentAs === undefined
          ? {}
          : { body: sentAs === 'application/json' ? JSON.stringify(body) : (body as string | Buffer<ArrayBuffer>) }),
      });
      const text = await response.text();
      const { status } = response;
      const isJson = /[/+]json(?:;|$)/.test(response.headers.get('content-type') ?? '');
      const answer: unknown = text === '' ? undefined : isJson ? JSON.parse(text) : text;
      const sent = sentAs === undefined ? undefined : described.requestBody?.content[sentAs]?.schema;
      const problems = [
        response.ok && sent !== undefined ? wrong(sent, Buffer.isBuffer(body) ? '' : body) : undefined,
        status === 304 ? undefined : answerProblem(described.responses[status], response, answer),
      ].filter((problem) => problem !== undefined);
      if (problems.length > 0) throw new Error(`${id} is not as documented: ${problems.join('; ')}`);
      return { status, headers: response.headers, body: answer as Body };
    },
    close: () => listener.close(),
  };

  function answerProblem(
    documented: Described['responses'][string] | undefined,
    response: Response,
    answer: unknown,
  ): string | undefined {
    if (documented === undefined) return `${response.status} is not documented: ${JSON.stringify(answer)}`;
    const { content = {} } = documented.$ref === undefined ? documented : DOCUMENT.components.responses.Problem;
    const [only] = Object.entries(content);
    if (only === undefined) return answer === undefined ? undefined : 'there is a body';
    const [type, { schema }] = only;
    return response.headers.get('content-type')?.startsWith(type) === true ? wrong(schema, answer) : `it is no ${type}`;
  }
}

function typeOf(body: unknown): string | undefined {
  if (body === undefined) return undefined;
  if (Buffer.isBuffer(body)) return 'application/octet-stream';
  return typeof body === 'string' ? 'text/csv' : 'application/json';
}

function operationNamed(id: string): { path: string; method: string; described: Described } {
  for (const [path, methods] of Object.entries(DOCUMENT.paths))
    for (const [method, described] of Object.entries(methods))
      if (described.operationId === id) return { path, method, described };
  throw new Error(`there is no operation ${id}`);
}
