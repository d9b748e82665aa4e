import type { Ports } from '../provisioning/ports.ts';

/** What an administrator's verbs work with; the server may be running meanwhile. */
export type Core = Pick<Ports, 'store' | 'secrets' | 'times' | 'now' | 'portsOf' | 'linesOf' | 'languages'> & {
  /** Who does it, for the journal: `cli:root`. */
  readonly actor: string;
};
