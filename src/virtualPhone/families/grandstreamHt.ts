import { grandstreamHtReader } from '../readers/grandstream-ht.ts';
import type { PhoneFamily } from './family.ts';
import { bootGrandstream, obeysNotify } from './grandstream.ts';

/** A Grandstream adapter with settings for each port. */
export const grandstreamHt: PhoneFamily = {
  oui: '000b82',
  model: 'HT802',
  reader: grandstreamHtReader,
  userAgent: ({ model, mac }) => `Grandstream Model HW ${model} V1.0A SW 1.0.43.11 DevId ${mac}`,
  boot: (request) => bootGrandstream(grandstreamHtReader, request),
  onNotify: obeysNotify,
};
