import { settingFiles, snomReader } from '../readers/snom.ts';
import type { BootRequest, PhoneFamily } from './family.ts';

/** A Snom desk phone. */
export const snom: PhoneFamily = {
  oui: '000413',
  model: 'D785',
  reader: snomReader,
  userAgent: ({ model, mac }) =>
    `Mozilla/4.0 (compatible; snom${model}-SIP 10.1.169.13 1.1.9.6-s ${mac.toUpperCase()} SXM:0 UXM:0 UXMC:0)`,
  boot,
  onNotify: (event) => {
    if (!event.startsWith('check-sync')) return 'nothing';
    return event.includes('reboot=true') ? 'reboot' : 'fetch';
  },
};

/**
 * A setting server that ends with `/` is asked for the model's and the phone's own `.htm`, any other for itself; a
 * `<setting-files>` list is followed.
 */
async function boot({ deliveryUrl, mac, model, get }: BootRequest): Promise<readonly string[]> {
  const server = deliveryUrl.replaceAll('{mac}', mac.toUpperCase());
  const names = server.endsWith('/') ? [`snom${model}.htm`, `snom${model}-${mac.toUpperCase()}.htm`] : [server];
  const files: string[] = [];
  for (const name of names) {
    const url = new URL(name, server);
    const file = await get(url.href);
    if (file === undefined) continue;
    const listed = settingFiles(file);
    if (listed === undefined) files.push(file);
    for (const entry of listed ?? []) {
      const found = await get(new URL(entry.replaceAll('{mac}', mac.toUpperCase()), url).href);
      if (found !== undefined) files.push(found);
    }
  }
  return files;
}
