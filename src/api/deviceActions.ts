import { z } from 'zod';
import { checkMay } from '../administration/apiTokens.ts';
import {
  DEEDS,
  doToEach,
  EFFECTS,
  MOST_PICKED,
  pickedDevices,
  previewDeed,
  PREVIEWED,
  summed,
  type Deed,
  type Effect,
  type Previewed,
} from '../administration/manyDevices.ts';
import { SelfprovError } from '../domain/errors.ts';
import { formatMac } from '../domain/mac.ts';
import { filterOf, FILTER } from './deviceFilter.ts';
import { operation } from './operation.ts';
import { inTenant, mac, macShown, nothing } from './schemas.ts';

const text = z.string();
const count = z.number().int();
/** One request waits for all of them. */
const MOST_AT_ONCE = 500;
const effect = z
  .enum(Object.keys(EFFECTS) as [Effect, ...Effect[]])
  .nullable()
  .meta({ description: 'what becomes of it; `null`: nothing, see `why`' });
const GROUP = z
  .object({
    effect,
    text: text.meta({ description: 'the same in words' }),
    count: count.meta({ description: 'of so many devices' }),
    example: macShown,
  })
  .meta({ id: 'DeviceEffect' });
const to = text.exactOptional().meta({ description: 'of `move`: id of a tenant' });
const profile = text.exactOptional().meta({ description: 'of `profile`: its name' });

/** Throws `invalid` where what a deed needs is not said. */
function deedOf<Action extends Previewed['action']>(given: {
  readonly action: Action;
  readonly to?: string;
  readonly profile?: string;
}): Extract<Previewed, { action: Action }> {
  const { action, to: tenant, profile: name } = given;
  if (action === 'move' && tenant === undefined) throw new SelfprovError('invalid', 'say which tenant they move to');
  if (action === 'profile' && name === undefined) throw new SelfprovError('invalid', 'say which profile they get');
  return { action, to: tenant, profile: name } as unknown as Extract<Previewed, { action: Action }>;
}

const about = { tag: 'devices', method: 'post', at: inTenant, query: nothing, status: 200 } as const;
const path = '/tenants/{tenant}/device-actions';

export const DEVICE_ACTIONS = [
  operation({
    ...{ ...about, id: 'actOnDevices', path, right: 'help' },
    summary: 'the same to each of these devices, by itself; says of each what has become of it, or why nothing has',
    body: z.strictObject({
      action: z.enum(DEEDS).meta({ description: 'all but `release` need the right `change`' }),
      macs: z.array(mac).min(1).max(MOST_AT_ONCE),
      ...{ to, profile },
    }),
    answer: z
      .object({
        ...{ done: count, refused: count },
        devices: z.array(z.object({ mac: macShown, effect, why: text.nullable() })),
      })
      .meta({ id: 'DeviceOutcomes' }),
    async work({ core, visitor, at: { tenant }, body: { macs, ...given } }) {
      const deed: Deed = deedOf(given);
      if (deed.action !== 'release') checkMay(visitor, 'change', tenant);
      if (deed.action === 'move') checkMay(visitor, 'change', deed.to);
      const devices = await doToEach(core, tenant, deed, [...new Set(macs)]);
      const refused = devices.filter((each) => each.effect === null).length;
      return { done: devices.length - refused, refused, devices };
    },
  }),
  operation({
    ...{ ...about, id: 'previewActOnDevices', path: `${path}/preview`, right: 'see' },
    summary: 'what the same would come to, for these devices or for those that a search fits; nothing is done',
    body: z.strictObject({
      action: z.enum(PREVIEWED).meta({ description: '`sync` and `reboot` are done by `startSync`' }),
      macs: z.array(mac).max(MOST_PICKED).exactOptional(),
      fitting: z.strictObject(FILTER).exactOptional().meta({ description: 'instead of `macs`' }),
      ...{ to, profile },
    }),
    answer: z
      .object({
        macs: z.array(macShown).meta({ description: 'those that it can be done to' }),
        items: z.array(GROUP).meta({ description: 'the most first' }),
      })
      .meta({ id: 'DeviceActionPreview' }),
    async work({ core, facts, at: { tenant }, body: { macs = [], fitting, ...given } }) {
      const deed = deedOf(given);
      const all = await pickedDevices(core, facts, fitting === undefined ? macs : filterOf(tenant, fitting));
      const outcomes = await previewDeed(core, tenant, deed, all);
      return {
        macs: outcomes.flatMap((each) =>
          each.effect === null || each.effect === 'as_is' ? [] : [formatMac(each.mac)],
        ),
        items: summed(outcomes).map(({ why, example, ...group }) => ({
          ...group,
          example: formatMac(example),
          text: group.effect === null ? (why ?? '') : EFFECTS[group.effect],
        })),
      };
    },
  }),
] as const;
