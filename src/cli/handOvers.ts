import type { Command } from 'commander';
import { listHandOvers } from '../administration/handOvers.ts';
import { formatMac, type Mac } from '../domain/mac.ts';
import type { HandOver } from '../domain/handOver.ts';
import { formatTime, tableOf } from './output.ts';
import type { Run, TenantCore } from './run.ts';

const PAGE = 1000;

/** `selfprov hand-over list` */
export function handOverCommands(program: Command, run: Run): void {
  program
    .command('hand-over')
    .description('phones on their way to another line')
    .command('list')
    .description('those under way')
    .option('--failed', 'those that have not arrived')
    .action(
      run(async (core, { failed }: { failed?: true }) => {
        const data = await all(core, failed === true ? 'failed' : 'open');
        const rows = data.map(({ mac, slot, kind, aor, attempts, acceptedAt, failure }) => [
          ...[formatMac(mac), String(slot), kind, aor, String(attempts), formatTime(acceptedAt)],
          failure?.replace('_', ' ') ?? '',
        ]);
        const heads = ['DEVICE', 'LINE', 'KIND', 'TO', 'TOLD', 'SINCE', 'WHY'];
        return { data, text: tableOf(heads, rows, 'There are none.') };
      }),
    );
}

async function all(core: TenantCore, state: 'open' | 'failed'): Promise<readonly Omit<HandOver, 'previousToken'>[]> {
  const found: Omit<HandOver, 'previousToken'>[] = [];
  let after: Mac | null = '';
  while (after !== null) {
    const page: Awaited<ReturnType<typeof listHandOvers>> = await listHandOvers(core, core.tenantId, {
      ...{ state, after, limit: PAGE },
    });
    found.push(...page.handOvers);
    after = page.next;
  }
  return found;
}
