import type { Families } from '../phones/family/family.ts';
import { recognise } from '../phones/recognise/recognise.ts';
import type { PnpSettings } from './listenPnp.ts';

/** The same URL for every phone of a family that is known, and nothing for anything else on the network. */
export function urlForPhones(families: () => Families, url: string): PnpSettings['urlFor'] {
  return ({ mac, userAgent }) => {
    const path = mac === null ? null : `/${mac}`;
    const { family } = recognise(families(), { path, userAgent, method: 'SUBSCRIBE', transport: 'sip' });
    return Promise.resolve(family === null ? undefined : url);
  };
}
