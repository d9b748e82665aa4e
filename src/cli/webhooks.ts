import { Option, type Command } from 'commander';
import {
  addWebhook,
  deadLettersOf,
  listWebhooks,
  removeWebhook,
  resumeWebhook,
  webhookOf,
  type WebhookShown,
} from '../administration/webhooks.ts';
import { takingAway } from './confirm.ts';
import { factsOf, formatTime, tableOf } from './output.ts';
import type { Run, TenantCore } from './run.ts';

interface OfAll {
  readonly allTenants?: true;
}

/** Of which tenant; `null`: all of them. */
function tenantOf({ tenantId }: TenantCore, { allTenants }: OfAll): string | null {
  return allTenants === true ? null : tenantId;
}

/** `selfprov webhook …` */
export function webhookCommands(program: Command, run: Run): void {
  const webhook = program.command('webhook').description('URLs that are told of what happens: see docs/api.md');

  const ofAll = (): Option => new Option('--all-tenants', 'of all tenants, and those that are told of all of them');

  webhook
    .command('add <url>')
    .description('tell a URL of what happens in the tenant from now on; prints its secret, which is not shown again')
    .option('--step <steps...>', 'only of these, as "selfprov event list" has them')
    .option('--all-tenants', 'of what happens in any tenant')
    .action(
      run(async (core, url: string, { step: steps = [], ...of }: OfAll & { step?: string[] }) => {
        const asked = { tenantId: tenantOf(core, of), url, steps, isConfined: false };
        const { secret, ...made } = await addWebhook(core, asked);
        const text = factsOf({ Webhook: made.id.slice(0, 8), URL: made.url, Secret: secret.reveal() });
        return { data: { ...made, secret: secret.reveal() }, text };
      }),
    );

  webhook
    .command('list')
    .description('all webhooks of the tenant')
    .addOption(ofAll())
    .action(
      run(async (core, of: OfAll) => {
        const data = await listWebhooks(core, tenantOf(core, of));
        const rows = data.map((each) => [
          ...[each.id.slice(0, 8), each.tenantId ?? 'all', each.url, each.steps.join(', ') || 'all', stateOf(each)],
        ]);
        const headings = ['WEBHOOK', 'TENANT', 'URL', 'STEPS', 'STATE'];
        return { data, text: tableOf(headings, rows, 'There are no webhooks.') };
      }),
    );

  webhook
    .command('dead-letters <id>')
    .description('what it was told in vain, and is not told again')
    .addOption(ofAll())
    .action(
      run(async (core, id: string, of: OfAll) => {
        const data = await deadLettersOf(core, tenantOf(core, of), id);
        const rows = data.map(({ event, why, at }) => [formatTime(at), event.step, event.id, why]);
        return { data, text: tableOf(['AT', 'STEP', 'EVENT', 'WHY'], rows, 'It has taken everything.') };
      }),
    );

  webhook
    .command('resume <id>')
    .description('tell it again at once what it has not taken, also where it was stopped')
    .addOption(ofAll())
    .action(
      run(async (core, id: string, of: OfAll) => {
        const data = await resumeWebhook(core, tenantOf(core, of), id);
        return { data, text: `${data.url} is told again.` };
      }),
    );

  takingAway(webhook.command('remove <id>').description('tell it nothing any more').addOption(ofAll()), run, {
    async what(core, id: string, of: OfAll) {
      const { id: whole } = await webhookOf(core.store, tenantOf(core, of), id);
      return `The webhook ${whole.slice(0, 8)} is told nothing any more, and its dead letters go.`;
    },
    async work(core, id: string, of: OfAll) {
      await removeWebhook(core, tenantOf(core, of), id);
      return { data: { id }, text: `Webhook ${id} is removed.` };
    },
  });
}

function stateOf({ isStopped, failure, attempts, nextAttemptAt, deadLetters, waiting }: WebhookShown): string {
  const behind = waiting === 0 ? '' : `, ${waiting} wait`;
  const lost = `${behind}${deadLetters === 0 ? '' : `, ${deadLetters} told in vain`}`;
  if (isStopped) return `stopped: ${failure ?? ''}${lost}`;
  if (attempts > 0) return `${failure ?? ''} (${attempts} times); again ${formatTime(nextAttemptAt)}${lost}`;
  return failure === null ? `well${lost}` : `${failure}${lost}`;
}
