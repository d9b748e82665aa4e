import { formsFor, listsShown } from '../lists.ts';
import { actsFor, wordsFor, type Page } from '../page.ts';

export const WEBHOOK_LIST: Page = {
  path: '/t/:tenant/webhooks',
  view: 'lists',
  nav: { word: 'webhooks', right: 'policy', isMore: true },
  async load(looking) {
    const { ask, at, tenant } = looking;
    const { items } = await ask('listWebhooks', { at });
    const dead = await Promise.all(
      items
        .filter(({ deadLetters }) => deadLetters > 0)
        .map(({ id }) => ask('listDeadLetters', { at: { tenant, webhook: id } })),
    );
    const say = wordsFor(looking);
    const act = actsFor(looking);
    const form = formsFor(looking, 'webhooks');
    return {
      title: say('webhooks.title'),
      lists: listsShown(looking, [
        {
          ...{
            id: 'webhooks',
            heading: say('webhooks.those'),
            about: say('webhooks.about'),
            empty: say('webhooks.none'),
          },
          columns: ['url', 'steps', 'state', 'next', 'waiting', 'made'].map((name) => say(`webhooks.${name}`)),
          rows: items.map(({ id, url, steps, failure, attempts, nextAttemptAt, waiting, isStopped, createdAt }) => ({
            cells: [
              ...[url, steps.length === 0 ? say('all') : steps.join(', ')],
              [
                ...(isStopped ? [say('webhooks.stopped')] : []),
                ...(failure === null ? [] : [failure]),
                ...(attempts === 0 ? [] : [`${say('webhooks.attempts')} ${attempts}`]),
              ].join(', '),
              { time: isStopped || attempts === 0 ? null : nextAttemptAt },
              waiting === 0 ? null : String(waiting),
              { time: createdAt },
            ],
            acts: [
              ...(failure === null && !isStopped
                ? []
                : [act('policy', 'resumeWebhook', 'webhooks.resume', { tenant, webhook: id })]),
              act('policy', 'removeWebhook', 'webhooks.remove', { tenant, webhook: id }, 'webhooks.removeSure'),
            ],
          })),
          forms: [
            form('policy', 'addWebhook', {
              ...{ name: 'add', at: { tenant } },
              fields: [
                { field: 'body.url', label: 'url', isNeeded: true, placeholder: 'https://example.com/selfprov' },
                { field: 'body.steps', label: 'steps', placeholder: say('all') },
              ],
            }),
          ],
        },
        {
          ...{
            id: 'dead',
            heading: say('webhooks.dead'),
            about: say('webhooks.deadAbout'),
            empty: say('webhooks.noDead'),
          },
          columns: ['webhooks.at', 'events.step', 'webhooks.why'].map(say),
          rows: dead
            .flatMap((letters) => letters.items)
            .map(({ at: when, event, why }) => ({ cells: [{ time: when }, say(`steps.${event.step}`), why] })),
        },
      ]),
    };
  },
};
