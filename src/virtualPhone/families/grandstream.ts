import { grandstreamReader } from '../readers/grandstream.ts';
import type { Reader, Settings } from '../readers/reading.ts';
import type { BootRequest, PhoneFamily } from './family.ts';

/** A Grandstream desk phone whose settings are P values. */
export const grandstream: PhoneFamily = {
  oui: '000b82',
  model: 'GXP2170',
  reader: grandstreamReader,
  userAgent: ({ model, mac }) => `Grandstream Model HW ${model} V1.0A SW 1.0.11.57 DevId ${mac}`,
  boot: (request) => bootGrandstream(grandstreamReader, request),
  onNotify: obeysNotify,
};

/**
 * Asks for the binary form, for the XML form with its MAC, and only without that for its model's and everybody's. A file
 * with another MAC in it is refused.
 */
export async function bootGrandstream(
  reader: Reader,
  { deliveryUrl, mac, model, get }: BootRequest,
): Promise<readonly string[]> {
  const folder = deliveryUrl.endsWith('/') ? deliveryUrl : `${deliveryUrl}/`;
  await get(`${folder}cfg${mac}`);
  for (const name of [`cfg${mac}.xml`, `cfg${model.toLowerCase()}.xml`, 'cfg.xml']) {
    const file = await get(`${folder}${name}`);
    if (file === undefined) continue;
    const meant = reader.parse(file).get('mac') ?? mac;
    return meant === mac ? [file] : [];
  }
  return [];
}

/** Unless P4428 is 1 the phone asks the sender of a NOTIFY for a password. */
export function obeysNotify(event: string, settings: Settings): 'reboot' | 'fetch' | 'nothing' {
  if (!event.startsWith('check-sync') || settings.get('P4428') !== '1') return 'nothing';
  return event.includes('reboot=true') ? 'reboot' : 'fetch';
}
