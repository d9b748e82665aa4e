import { yealinkReader } from '../readers/yealink.ts';
import type { Settings } from '../readers/reading.ts';
import type { BootRequest, PhoneFamily } from './family.ts';

/** The number in the name of the common file, per model. */
const commonFile = new Map([
  ['T23G', '044'],
  ['T46S', '066'],
  ['T54W', '096'],
  ['T46U', '108'],
]);

/** A Yealink desk phone with firmware from V81 on. */
export const yealink: PhoneFamily = {
  oui: '001565',
  model: 'T46U',
  reader: yealinkReader,
  userAgent: ({ model, mac }) => `Yealink SIP-${model} 108.86.0.20 ${mac.replace(/(..)(?=.)/g, '$1:')}`,
  boot,
  onNotify,
};

/** A boot file decides alone what is fetched; without one the common file and then the MAC's file are. */
async function boot({ deliveryUrl, mac, model, get }: BootRequest): Promise<readonly string[]> {
  const folder = expand(deliveryUrl.endsWith('/') ? deliveryUrl : `${deliveryUrl}/`, mac);
  const bootFile = (await get(`${folder}${mac}.boot`)) ?? (await get(`${folder}y000000000000.boot`));
  const names =
    bootFile === undefined ? [`y000000000${commonFile.get(model) ?? '000'}.cfg`, `${mac}.cfg`] : included(bootFile);
  const files: string[] = [];
  for (const name of names) {
    const file = await get(new URL(expand(name, mac), folder).href);
    if (file !== undefined) files.push(file);
  }
  return files;
}

function included(bootFile: string): readonly string[] {
  if (!bootFile.startsWith('#!version:1.0.0.1')) throw new Error(`not a Yealink boot file: ${bootFile.slice(0, 40)}`);
  return [...bootFile.matchAll(/^include:config[ \t]+["<]([^">\r\n]+)[">]/gm)].map(([, name = '']) => name);
}

function expand(text: string, mac: string): string {
  return text.replaceAll(/\$mac\b/gi, mac);
}

/** `sip.notify_reboot_enable`: 0 reboots only when told to, 1 (as it leaves the factory) always, 2 never obeys. */
function onNotify(event: string, settings: Settings): 'reboot' | 'fetch' | 'nothing' {
  if (!event.startsWith('check-sync')) return 'nothing';
  const rule = settings.get('sip.notify_reboot_enable') ?? '1';
  if (rule === '2') return 'nothing';
  return rule === '1' || event.includes('reboot=true') ? 'reboot' : 'fetch';
}
