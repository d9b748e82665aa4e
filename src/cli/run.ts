import type { Command as Commander } from 'commander';
import type { Core } from '../administration/core.ts';
import { knownTenant } from '../administration/tenants.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import { askNobody, type Confirm } from './confirm.ts';
import { printed, type Output } from './output.ts';

/** With the tenant that a command is about. */
export type TenantCore = Core & {
  readonly tenantId: string;
  /** As `Confirm` has it. */
  confirm(what: string): Promise<void>;
};

export type OpenCore = () => Promise<Core & { close(): Promise<void> }>;

/**
 * Wraps a command's work: opens the database, prints the result as text or JSON, closes the database. Commander calls
 * with the arguments, then the options, then the command.
 */
export type Run = <Given extends unknown[]>(
  work: (core: TenantCore, ...given: Given) => Promise<Output>,
) => (...called: unknown[]) => Promise<void>;

export function commandRunner(open: OpenCore, print: (text: string) => void, confirm: Confirm = askNobody): Run {
  return <Given extends unknown[]>(work: (core: TenantCore, ...given: Given) => Promise<Output>) =>
    async (...called: unknown[]) => {
      const command = called.at(-1) as Commander;
      const core = await open();
      try {
        const { tenant: tenantId = DEFAULT_TENANT } = command.optsWithGlobals<{ tenant?: string }>();
        await knownTenant(core.store, tenantId);
        const all = { ...core, tenantId, confirm: (what: string) => confirm(command, what) };
        const output = await work(all, ...(called.slice(0, -1) as Given));
        print(printed(command, output));
        if (output.refusal !== undefined) throw output.refusal;
      } finally {
        await core.close();
      }
    };
}
