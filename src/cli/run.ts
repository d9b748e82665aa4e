import type { Command as Commander } from 'commander';
import type { Core } from '../administration/core.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import type { Output } from './output.ts';

/** With the tenant that a command is about. */
export type TenantCore = Core & { readonly tenantId: string };

export type OpenCore = () => Promise<Core & { close(): Promise<void> }>;

/**
 * Wraps a command's work: opens the database, prints the result as text or JSON, closes the database. Commander calls
 * with the arguments, then the options, then the command.
 */
export type Run = <Given extends unknown[]>(
  work: (core: TenantCore, ...given: Given) => Promise<Output>,
) => (...called: unknown[]) => Promise<void>;

export function commandRunner(open: OpenCore, print: (text: string) => void): Run {
  return <Given extends unknown[]>(work: (core: TenantCore, ...given: Given) => Promise<Output>) =>
    async (...called: unknown[]) => {
      const command = called.at(-1) as Commander;
      const core = await open();
      try {
        const { tenant: tenantId = DEFAULT_TENANT } = command.optsWithGlobals<{ tenant?: string }>();
        orNotFound(await core.store.tenant(tenantId), `tenant ${tenantId}: see "selfprov tenant list"`);
        const { data, text, refusal } = await work({ ...core, tenantId }, ...(called.slice(0, -1) as Given));
        print(command.optsWithGlobals()['json'] === true ? JSON.stringify(data, null, 2) : text);
        if (refusal !== undefined) throw refusal;
      } finally {
        await core.close();
      }
    };
}
