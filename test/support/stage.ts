import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeviceShown } from '../../src/administration/deviceList.ts';
import { addUser } from '../../src/administration/users.ts';
import { writeFilesForAsterisk } from '../../src/asteriskSettings.ts';
import { readConfig } from '../../src/config.ts';
import { orNotFound } from '../../src/domain/orNotFound.ts';
import type { User } from '../../src/domain/user.ts';
import { notification } from '../../src/phones/family/notification.ts';
import { linesIn, portsIn } from '../../src/phones/family/models.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { fromJson } from './fromJson.ts';
import { command } from './command.ts';
import { openTestCore, type TestCore } from './core.ts';
import { shippedFamilies } from './phoneFacts.ts';
import { startPhonesListener } from './phonesListener.ts';
import { PIN, stagePhone, type PhoneWanted, type StagePhone } from './stagePhone.ts';

/** What Asterisk reads of an account: a row of one of the views. */
export type AccountRow = Readonly<Record<string, string | number | null>>;

/**
 * The product as phones and an administrator have it, without an Asterisk: store, listener for phones and command line are the
 * real ones, phones are played, and the registrar keeps Asterisk's contract.
 */
export interface Stage {
  readonly core: TestCore;
  /** Where phones ask by HTTP; ends with a slash. */
  readonly url: string;
  /** `selfprov …`, its words separated by spaces; gives what it prints. */
  run(words: string, ...more: readonly string[]): Promise<string>;
  /** The same with `--json`, read. */
  json<T>(words: string, ...more: readonly string[]): Promise<T>;
  /** A device as the list of its tenant's devices has it; throws when it is not there. */
  listed(mac: string, tenantId?: string): Promise<DeviceShown>;
  /** The files that `selfprov asterisk-files` writes, by name; `environment` adds settings. */
  asteriskFiles(environment?: Readonly<Record<string, string>>): Promise<(name: string) => string>;
  /** With the PIN of all users here, unless another is given. */
  addUser(extension: string, more?: { readonly tenantId?: string; readonly pin?: string }): Promise<User>;
  /** A phone out of the box, of Yealink unless told otherwise, at an address of its own. */
  phone(wanted?: PhoneWanted): StagePhone;
  /** Does what is due: phones are told to fetch. */
  drive(): Promise<void>;
  /** Where NOTIFYs have gone, oldest first: `sip:…`. */
  told(): readonly string[];
  account(view: 'ps_endpoints' | 'ps_aors' | 'ps_auths', id: string): Promise<AccountRow | undefined>;
  /** Steps of a device's time-line, oldest first. */
  steps(mac: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** `files` is the administrator's folder of firmware and languages. */
export async function openStage(files?: string): Promise<Stage> {
  const families = shippedFamilies();
  const core: TestCore = {
    ...(await openTestCore()),
    languages: ['en', 'de', 'fr'],
    portsOf: (kind) => portsIn(families, kind),
    linesOf: (kind) => linesIn(families, kind),
    checkSyncOf: (family) => notification(families, family, 'fetch'),
  };
  const listener = await startPhonesListener(core, files);
  const asterisk = core.connect();
  const url = `http://127.0.0.1:${listener.port}/`;
  let phones = 0;
  const stage: Stage = {
    core,
    url,
    run: (words, ...more) => command(core, ...words.split(' '), ...more),
    json: async <T>(words: string, ...more: readonly string[]) =>
      fromJson<T>(await stage.run(`--json ${words}`, ...more)),
    async listed(mac, tenantId = 'default') {
      const all = await stage.json<readonly DeviceShown[]>(`--tenant ${tenantId} device list`);
      return orNotFound(
        all.find((device) => device.mac === mac),
        `device ${mac}`,
      );
    },
    async asteriskFiles(environment = {}) {
      const target = join(core.directory, 'asterisk');
      const config = readConfig({ ...core.environment, SELFPROV_HOST: '127.0.0.1', ...environment });
      await writeFilesForAsterisk(config, target);
      return (name) => readFileSync(join(target, name), 'utf8');
    },
    addUser: async (extension, { tenantId = 'default', pin = PIN } = {}) =>
      (await addUser(core, { tenantId, extension, name: `User ${extension}`, pin })).user,
    phone: (wanted = {}) => stagePhone(stage, (phones += 1), wanted),
    drive: () =>
      driveHandOvers(core, (error) => {
        throw error;
      }),
    told: () => core.registrar.sent.map(({ uri }) => uri),
    account: async (view, id) => (await asterisk(view).where({ id }).first()) as AccountRow | undefined,
    steps: async (mac) => (await core.store.events({ mac, limit: 99 })).map(({ step }) => step),
    async close() {
      await asterisk.destroy();
      await listener.close();
      await core.close();
    },
  };
  return stage;
}
