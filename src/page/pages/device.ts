import { isNowhere } from '../../domain/handOver.ts';
import { DEVICE_SETTINGS, PLAIN_DEVICE } from '../../domain/deviceSettings.ts';
import type { AnswerOf } from '../../api/operations.ts';
import {
  actsFor,
  allowed,
  attentionTo,
  changedFields,
  deviceAt,
  factsIn,
  hiddenOf,
  shownLines,
  usersOf,
  wordsFor,
  type Looking,
  type Page,
} from '../page.ts';
import { heldSettings } from '../apiWords.ts';
import { settingFields, TIME_ZONES } from '../settingFields.ts';
import { eventsIn } from '../shownEvent.ts';
import { modelOf, shownState, type Device } from './devices.ts';

export const ONE_DEVICE: Page = {
  path: '/t/:tenant/devices/:mac',
  view: 'device',
  // Of the form for what is the device's alone.
  fields: (form, { tenant = '', mac = '' }) => ({
    ...changedFields(form),
    ...(form['clear.webPassword'] === 'true' ? { 'body.settings.webPassword': 'inherit' } : {}),
    ...{ 'at.tenant': tenant, 'at.mac': mac, back: deviceAt(tenant, mac) },
  }),
  async load(looking) {
    const { ask, at, here, query, visitor, language, tenant } = looking;
    const mayHelp = visitor.rights.has('help');
    const [{ events, ...device }, settings, people, file, since] = await Promise.all([
      ask('getDevice', { at }),
      ask('getDeviceSettings', { at }),
      // Those that what is typed fits: it is fetched anew while somebody types.
      mayHelp
        ? ask('listUsers', { at: { tenant }, query: { search: query['body.extension'] ?? '', limit: '50' } })
        : null,
      // There is none for a phone of a family that is only recognised.
      ask('getDeviceFile', { at }).catch(() => null),
      ask('getDeviceFileChanges', { at }).catch(() => null),
    ]);
    const say = wordsFor(looking);
    const act = actsFor(looking);
    const where = { tenant, mac: device.mac };
    const isUsers = device.state !== 'unassigned';
    return {
      title: `${device.mac} ${modelOf(device)}`,
      ...{
        here,
        attention: attentionTo(device, say),
        settings: heldSettings(language, settings),
        keysHref: `${deviceAt(tenant, device.mac)}/keys`,
      },
      file: file && { ...file, name: askedAs(file.name, device) },
      since: since === null ? null : shownSince(since, device),
      ...{ hasUsers: device.extension !== null, users: usersOf(device) },
      facts: factsIn(language, {
        'device.number': String(device.number),
        'devices.state': shownState(device, say).stateLabel,
        'device.version': device.firmware,
        'device.serial': device.serial,
        'device.remark': device.remark,
        'device.address': device.address,
        'device.tenant': device.tenantId,
      }),
      give:
        people !== null && !device.isBlocked
          ? { hidden: hiddenOf(where, here), people: people.items.map(({ extension, name }) => ({ extension, name })) }
          : null,
      acts: allowed([
        act('help', 'syncDevice', 'device.sync', where),
        act('help', 'rebootDevice', 'device.reboot', where, 'device.rebootSure'),
        ...(isUsers ? [act('help', 'releaseDevice', 'device.release', where, 'device.releaseSure')] : []),
        ...(device.locked ? [act('help', 'unlockDevice', 'device.unlock', where)] : []),
        device.isBlocked
          ? act('change', 'unblockDevice', 'device.unblock', where)
          : act('change', 'blockDevice', 'device.block', where, 'device.blockSure'),
        act('secrets', 'newDeviceUrl', 'device.newUrl', where, 'device.newUrlSure'),
        act('change', 'removeDevice', 'device.remove', where, 'device.removeSure', `/t/${tenant}/devices`),
      ]),
      ...{ own: await ownOf(looking, device, settings), move: await moveOf(looking, device) },
      isNowhere: device.state === 'handing_over' && isNowhere(device.handOver),
      areSeveral: new Set(device.lines.map(({ slot }) => slot)).size < device.lines.length,
      lines: device.lines.map((line) => ({
        ...{ slot: line.slot, account: line.account, address: line.address },
        users: usersOf({ ...device, lines: [line] }),
        state: say(line.registered ? 'states.registered' : 'states.unregistered'),
      })),
      events: events.toReversed().map(eventsIn(looking)),
    };
  },
};

/** The form for what is this device's alone; `null` for who may not change that. */
async function ownOf(looking: Looking, device: Device, settings: AnswerOf<'getDeviceSettings'>) {
  const { form, refused, tenant, visitor } = looking;
  if (!visitor.rights.has('change') || device.tenantId !== tenant) return null;
  const from = `device ${device.mac.replaceAll(':', '')}`;
  const own = settings.filter((each) => each.from === from && Object.hasOwn(DEVICE_SETTINGS, each.name));
  const says = Object.fromEntries(own.map(({ name, value }) => [name, value]));
  return {
    ...{ isOpen: form !== null, problem: refused?.detail ?? null, path: deviceAt(tenant, device.mac) },
    ...{ remark: device.remark, typedRemark: form?.['body.note'] ?? device.remark },
    timeZones: TIME_ZONES,
    ...{ serial: device.serial ?? '', typedSerial: form?.['body.serial'] ?? device.serial ?? '' },
    groups: await settingFields(
      looking,
      { all: DEVICE_SETTINGS, plain: PLAIN_DEVICE },
      {
        ...{ kind: 'device', says, refusal: refused },
        // What would hold is not known of what the device says itself.
        before: (name) => (says[name] === undefined ? (settings.find((each) => each.name === name) ?? null) : null),
      },
    ),
  };
}

/** The form that moves a device of nobody's to another tenant; `null` where there is none, or for who has one tenant. */
async function moveOf({ ask, tenant, visitor }: Looking, device: Device) {
  const isNobodys = device.state === 'unassigned' && device.tenantId === tenant;
  if (visitor.tenantId !== null || !visitor.rights.has('change') || !isNobodys) return null;
  const { items } = await ask('listTenants', { query: { limit: '500' } });
  const others = items.filter(({ id }) => id !== tenant).map(({ id, name }) => ({ id, name }));
  if (others.length === 0) return null;
  return { hidden: hiddenOf({ tenant, mac: device.mac }, `/t/${tenant}/devices`), others };
}

/** What it has fetched, and what is different now. */
function shownSince({ fetchedAt, items }: AnswerOf<'getDeviceFileChanges'>, device: Device) {
  return {
    fetchedAt,
    // What it has is of before: since it was given to somebody, or taken back, it has not asked.
    hasFormer: fetchedAt === null && items.some(({ givenAt }) => givenAt !== null),
    files: items.map(({ name, givenAt, isCurrent, lines }) => ({
      ...{
        name: askedAs(name, device),
        givenAt,
        isCurrent,
        isUnknown: givenAt === null,
        isDifferent: lines.length > 0,
        ...shownLines(lines),
      },
      isSecret: givenAt !== null && !isCurrent && lines.length === 0,
    })),
  };
}

/** The name by which this phone asks for a file. */
function askedAs(name: string, { mac, model }: Device): string {
  const plain = mac.replaceAll(':', '');
  return name
    .replaceAll('{mac}', plain)
    .replaceAll('{MAC}', plain.toUpperCase())
    .replaceAll('{model}', () => model ?? '{model}');
}
