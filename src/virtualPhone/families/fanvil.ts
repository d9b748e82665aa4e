import type { Settings } from '../readers/reading.ts';
import { fanvilReader } from '../readers/fanvil.ts';
import type { BootRequest, PhoneFamily } from './family.ts';

/** A Fanvil desk phone. */
export const fanvil: PhoneFamily = {
  oui: '0c383e',
  model: 'V67',
  reader: fanvilReader,
  userAgent: ({ model, mac }) => `Fanvil ${model} 2.6.6.187 ${mac}`,
  boot,
  onNotify,
};

/** The model's common file, then its own: from a folder `<mac>.cfg`, else the file that is named, `$mac` in it being the MAC. */
async function boot({ deliveryUrl, mac, model, get }: BootRequest): Promise<readonly string[]> {
  const own = (deliveryUrl.endsWith('/') ? `${deliveryUrl}$mac.cfg` : deliveryUrl).replaceAll('$mac', mac);
  const files: string[] = [];
  for (const url of [new URL(`F0V0${model}00000.cfg`, own).href, own]) {
    const file = await get(url);
    if (file !== undefined) files.push(file);
  }
  return files;
}

/** `NotifyReboot` as it leaves the factory is 1: any check-sync restarts the phone. */
function onNotify(event: string, settings: Settings): 'reboot' | 'fetch' | 'nothing' {
  if (!event.startsWith('check-sync')) return 'nothing';
  const always = (settings.get('sip/NotifyReboot') ?? '1') === '1';
  return always || event.includes('reboot=true') ? 'reboot' : 'fetch';
}
