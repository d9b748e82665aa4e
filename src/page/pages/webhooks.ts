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
          columns: ['webhooks.url', 'webhooks.steps', 'webhooks.state', 'webhooks.made'].map(say),
          rows: items.map(({ id, url, steps, failure, isStopped, createdAt }) => ({
            cells: [
              ...[url, steps.length === 0 ? say('all') : steps.join(', ')],
              [isStopped ? say('webhooks.stopped') : '', failure ?? ''].filter((each) => each !== '').join(': '),
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
