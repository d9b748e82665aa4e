import { SelfprovError } from '../../domain/errors.ts';
import { deviceAt, hiddenIn, notEmpty, wordsFor, type Page } from '../page.ts';
import { batchOf } from '../results.ts';
import { filterIn } from './devices.ts';

const ACTIONS = ['sync', 'reboot', 'release', 'block', 'unblock', 'profile', 'move'] as const;

/** What something would come to that is done to many devices, and the button that has it done. */
export const DEVICE_ACTION: Page = {
  path: '/t/:tenant/device-actions',
  view: 'deviceActions',
  async load(looking) {
    const { ask, at, query, tenant, visitor } = looking;
    const say = wordsFor(looking);
    const action = ACTIONS.find((each) => each === query['action']);
    if (action === undefined) throw new SelfprovError('not_found', 'there is no such thing to do');
    const ticked = Object.keys(query).flatMap((name) => (name.startsWith('mac.') ? [name.slice(4)] : []));
    const isEvery = query['every'] === 'true';
    const filter = filterIn(query);
    const back = `/t/${tenant}/devices${Object.keys(filter).length === 0 ? '' : `?${new URLSearchParams(filter).toString()}`}`;
    const title = say(`bulk.actions.${action}`);
    if (!isEvery && ticked.length === 0)
      return { title, back, isNone: true, items: [], refused: [], sync: null, go: null };
    const more = {
      ...(action === 'move' ? { to: query['to'] ?? '' } : {}),
      ...(action === 'profile' ? { profile: query['newProfile'] ?? '' } : {}),
    };
    const which = isEvery ? { fitting: filter } : { macs: ticked };
    const { items, macs } = await ask('previewActOnDevices', { at, body: { action, ...which, ...more } });
    const mayDo = macs.length > 0 && visitor.rights.has(action === 'release' ? 'help' : 'change');
    const group = ({ effect, text, count, example }: (typeof items)[number]) => ({
      ...{ count, example, href: deviceAt(tenant, example) },
      text: effect === null ? text : say(`bulk.effects.${effect}`),
    });
    const isPaced = action === 'sync' || action === 'reboot';
    const told = action === 'reboot' ? { 'body.reboot': 'true' } : {};
    const many = batchOf(action);
    const deed = Object.fromEntries(Object.entries(more).map(([name, value]) => [`body.${name}`, value]));
    return {
      ...{ title, back, isNone: false, count: macs.length, detail: more.to ?? more.profile ?? null },
      items: items.filter(({ effect }) => effect !== null && effect !== 'as_is').map(group),
      hasRefused: items.some(({ effect }) => effect === null || effect === 'as_is'),
      refused: items.filter(({ effect }) => effect === null || effect === 'as_is').map(group),
      sync:
        mayDo && isPaced
          ? {
              hidden: hiddenIn({
                ...{ 'at.tenant': tenant, 'body.macs': macs.join(' '), ...told, back: `/t/${tenant}/syncs` },
              }),
              button: title,
            }
          : null,
      go:
        mayDo && !isPaced
          ? {
              hidden: hiddenIn({
                ...{ 'at.tenant': tenant, 'body.action': action, ...notEmpty(deed) },
                ...{ 'body.macs': macs.slice(0, many).join(' '), rest: macs.slice(many).join(' ') },
                ...{ total: String(macs.length), back },
              }),
            }
          : null,
    };
  },
};
