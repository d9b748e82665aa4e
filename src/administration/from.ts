import type { Store } from '../domain/ports.ts';
import type { Core } from './core.ts';

/** The same, done by somebody from an IP address; `null`: nobody knows from where. */
export function from(
  core: Core,
  { actor, address }: { readonly actor: string; readonly address: string | null },
): Core {
  return { ...core, actor, store: noting(core.store, address) };
}

/** Events have it, whatever else they tell. */
function noting(store: Store, address: string | null): Store {
  return {
    ...store,
    addEvent: (event) => store.addEvent({ address, ...event }),
    transaction: (work) => store.transaction((inside) => work(noting(inside, address))),
  };
}
