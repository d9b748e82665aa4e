import type { Line } from '../../domain/device.ts';
import { policyOf } from '../../domain/tenant.ts';
import { MASKED, NEW_MASKED, maskedLine } from './masks.ts';
import type { Settings } from './settingsFor.ts';

/** What a device is, and its settings in two states of the database. */
interface Pair<Device> {
  readonly device: Device;
  readonly was: Settings;
  readonly is: Settings;
}

/** The MAC of nobody. */
const NOBODY = '020000000000';

/** The same pair without its secrets. Of a password that changes only that much is seen. */
export function masked<Device>({ device, was, is }: Pair<Device>): Pair<Device> {
  const [before, after] = [was.device.webPassword.value, is.device.webPassword.value];
  const isNew = before !== null && after !== null && before.reveal() !== after.reveal();
  return { device, was: withMasks(was), is: withMasks(is, isNew ? NEW_MASKED : MASKED) };
}

/** The same settings with a mask in the place of each secret. */
export function withMasks(settings: Settings, mask: typeof MASKED = MASKED): Settings {
  const { device, defaultLines, userLines } = settings;
  const { webPassword } = device;
  return {
    ...settings,
    device: { ...device, webPassword: { ...webPassword, value: webPassword.value === null ? null : mask } },
    defaultLines: defaultLines.map((each) => ({ ...each, line: maskedLine(each.line) })),
    userLines: userLines.map((each) => ({ ...each, line: maskedLine(each.line) })),
  };
}

/**
 * The same pair of nobody: what is this device's and its users' alone, and stays as it is, has the same name for all. A
 * name that changes is seen.
 */
export function anonymous<Device extends object>({ device, was, is }: Pair<Device>): Pair<Device & { mac: string }> {
  const isNewPassword = is.device.webPassword.value === NEW_MASKED;
  return { device: { ...device, mac: NOBODY, isNewPassword }, was: ofNobody(was, is), is: ofNobody(is, was) };
}

function ofNobody({ tenant, device, defaultLines, userLines }: Settings, other: Settings): Settings {
  return {
    tenant,
    device,
    defaultLines: defaultLines.map(({ line, settings }, at) => {
      // Which number of the range it is means nothing; that it becomes one of another range does.
      const stays = line.number === other.defaultLines[at]?.line.number;
      const ofRange = stays ? 'Number' : JSON.stringify(policyOf(tenant).defaultNumbers);
      return { line: { ...lineOfNobody(line), number: line.number && ofRange }, settings };
    }),
    userLines: userLines.map(({ line, user, tenant: whose, settings }, at) => {
      const extension = `Extension${line.slot}`;
      const stays = user.name === other.userLines[at]?.user.name;
      const name = user.name === user.extension ? extension : `Name${line.slot}`;
      const ids = {
        id: '',
        endpoint: '',
        adoption: null,
        loginId: null,
        provisioningId: null,
        pinHash: '',
        passwordHash: null,
      };
      const says = { lineSays: {}, deviceSays: {}, selfProvisioning: true, createdAt: 0 };
      const nobody = { ...user, ...ids, ...says, profileId: '', extension, name: stays ? name : user.name };
      return { line: lineOfNobody(line), user: nobody, tenant: whose, settings };
    }),
  };
}

function lineOfNobody<T extends Line>(line: T): T {
  const { slot, userId } = line;
  const names = {
    id: '',
    mac: NOBODY,
    endpoint: `Endpoint${slot}`,
    authName: `Account${slot}`,
    authUser: null,
    authId: null,
    former: null,
  };
  const past = { number: null, createdAt: 0, askedAs: null, address: null, servedAt: null, leftAt: null, seenAs: null };
  const place = { contact: null, contactCertain: false, disbelieved: null, leftBehind: [], announced: false };
  return { ...line, ...names, ...past, ...place, userId: userId === null ? null : '' };
}
