import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { openApi } from '../../../src/api/openapi.ts';
import { OPERATIONS } from '../../../src/api/operations.ts';
import { formatMac } from '../../../src/domain/mac.ts';
import { orNotFound } from '../../../src/domain/orNotFound.ts';
import { packageRoot } from '../../../src/packageRoot.ts';
import { startApi, validatorOf, type TestApi } from '../../support/api.ts';
import { openTestCore, type TestCore } from '../../support/core.ts';
import { manyDevices } from '../../support/manyDevices.ts';

const FOLDER = join(packageRoot, 'test/client');
const GENERATOR = join(FOLDER, 'node_modules/openapi-typescript/bin/cli.js');
const COMPILER = join(packageRoot, 'node_modules/typescript/bin/tsc');
const run = promisify(execFile);

type Heard = (method: string, path: string, response: Response) => Promise<void>;
/** It is made for the client that is generated, and so is nothing that could be imported before. */
interface Program {
  askEveryOperation(given: object, heard: Heard): Promise<void>;
}

interface Described {
  readonly operationId: string;
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

describe('A client that another program makes from the document', function () {
  this.timeout(60_000);
  const document = openApi(OPERATIONS, '0');
  const paths = document['paths'] as Readonly<Record<string, Readonly<Record<string, Described>>>>;
  let core: TestCore;
  let api: TestApi;

  before(async () => {
    if (!existsSync(GENERATOR))
      throw new Error(`${GENERATOR} is missing: sh scripts/install-test-packages.sh, or npm ci in test/client`);
    const directory = await mkdtemp(join(tmpdir(), 'selfprov-test-'));
    const file = join(directory, 'openapi.json');
    await writeFile(file, JSON.stringify(document));
    // What has a default may be left out.
    const how = ['--default-non-nullable', 'false', '--output', join(FOLDER, 'generated.d.ts')];
    await run(process.execPath, [GENERATOR, file, ...how], { cwd: FOLDER });
    await rm(directory, { recursive: true });
    core = await openTestCore();
    api = await startApi(core, { sounds: () => [] });
  });
  after(async () => {
    await api?.close();
    await core?.close();
  });

  it('fits the types that are made from it', async () => {
    const { stdout } = await run(process.execPath, [COMPILER, '--project', FOLDER]).catch((error: unknown) => {
      throw new Error((error as { stdout: string }).stdout);
    });
    expect(stdout).to.equal('');
  });

  it('asks every operation, and each answers as the document says', async () => {
    const [first, second] = await manyDevices(core, 2);
    const phones = [first, second].map((phone) => formatMac(orNotFound(phone, 'phone').mac));
    const wrong = validatorOf(document);
    const asked = new Set<string>();
    const problems: string[] = [];
    const { askEveryOperation } = (await import(pathToFileURL(join(FOLDER, 'everyOperation.ts')).href)) as Program;
    const given = {
      ...{ url: `${api.url}/api/v1`, token: await api.token(['read', 'write', 'secrets', 'access']), phones },
      extension: orNotFound(first, 'phone').user.extension,
    };
    await askEveryOperation(given, async (method, path, response) => {
      const { operationId = '', responses = {} } = paths[path]?.[method.toLowerCase()] ?? {};
      asked.add(operationId);
      const [type, content] = Object.entries(responses[response.status]?.content ?? {})[0] ?? [];
      // Whoever asks says what is refused.
      if (type === 'text/event-stream' || !response.ok) return;
      const text = await response.text();
      const answer: unknown = type === 'application/json' ? JSON.parse(text) : text;
      const problem = content === undefined ? text && 'there is an answer' : wrong(content.schema, answer);
      if (problem) problems.push(`${operationId}: ${problem}`);
    });
    expect(problems).to.deep.equal([]);
    const all = Object.values(paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
    const never = all.filter((id) => !asked.has(id));
    expect(never, 'operations that were never asked').to.deep.equal([]);
  });
});
