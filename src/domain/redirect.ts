import { isInNetworks } from './policySettings.ts';
import type { Mac } from './mac.ts';

/** Where phones are sent that ask at the neutral URL, and which ones: all that is said must fit. */
export interface Redirect {
  readonly id: string;
  /** The beginning of a MAC, in lower case without separators. */
  readonly mac: string | null;
  /** The beginning of a serial number, in upper case. */
  readonly serial: string | null;
  readonly family: string | null;
  /** `T4*` for all that begin so. */
  readonly model: string | null;
  /** Where the phone asks from: a network, as of one region. */
  readonly network: string | null;
  /** Ends with a slash; `null`: nowhere, it gets the answer that everybody gets. */
  readonly url: string | null;
}

/** What a request shows of the phone, and where it comes from. */
export interface RedirectFacts {
  readonly mac: Mac | null;
  readonly serial: string | null;
  readonly family: string;
  readonly model: string | null;
  readonly address: string;
  /** Of the tenant that the inventory says it is of, where that has a URL of its own. */
  readonly tenantUrl: string | null;
}

/**
 * Where this phone is sent: by the rule that says most about it, else to its tenant's own server, else by a rule that says
 * nothing, the default. `null`: nowhere.
 */
export function redirectFor(rules: readonly Redirect[], facts: RedirectFacts): string | null {
  const fitting = rules.filter((rule) => fits(rule, facts)).toSorted((one, other) => weight(other) - weight(one));
  const [best] = fitting;
  if (best !== undefined && weight(best) > 0) return best.url;
  return facts.tenantUrl ?? best?.url ?? null;
}

function fits({ mac, serial, family, model, network }: Redirect, facts: RedirectFacts): boolean {
  return (
    (mac === null || facts.mac?.startsWith(mac) === true) &&
    (serial === null || facts.serial?.toUpperCase().startsWith(serial) === true) &&
    (family === null || facts.family === family) &&
    (model === null || isModel(model, facts.model ?? '')) &&
    (network === null || isInNetworks(facts.address, [network]))
  );
}

function isModel(wanted: string, model: string): boolean {
  const [one, other] = [wanted.toLowerCase(), model.toLowerCase()];
  return one.endsWith('*') ? other.startsWith(one.slice(0, -1)) : one === other;
}

/** A single phone before a model, a model before its family, those before where it is; more digits before fewer. */
function weight({ mac, serial, family, model, network }: Redirect): number {
  const length = (text: string | null): number => text?.length ?? 0;
  return (
    (length(serial) + length(mac)) * 10_000 +
    length(model) * 100 +
    (family === null ? 0 : 10) +
    (network === null ? 0 : 1)
  );
}
