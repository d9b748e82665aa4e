import type { Ports } from '../provisioning/ports.ts';

/** What an administrator's verbs work with; the server may be running meanwhile. */
export type Core = Pick<Ports, 'store' | 'secrets' | 'times' | 'now' | 'portsOf'> & {
  /** Who does it, for the journal: `cli:root`. */
  readonly actor: string;
  /** Languages that there are prompts in; `null` when that cannot be told, because they are on another machine. */
  readonly languages: readonly string[] | null;
};
