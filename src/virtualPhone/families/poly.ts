import { XMLParser } from 'fast-xml-parser';
import type { Settings } from '../readers/reading.ts';
import { polyReader } from '../readers/poly.ts';
import type { BootRequest, PhoneFamily } from './family.ts';

/** A Poly desk phone with UC Software. */
export const poly: PhoneFamily = {
  oui: '0004f2',
  model: 'VVX_450',
  reader: polyReader,
  userAgent: ({ model, mac }) => `FileTransport PolycomVVX-${model}-UA/6.4.3.5018 (SN:${mac}) Type/Application`,
  boot,
  onNotify,
};

/** The master file, or else the one for all, names the files with settings; what was changed on the phone goes over them. */
async function boot({ deliveryUrl, mac, model, get }: BootRequest): Promise<readonly string[]> {
  const folder = new URL(deliveryUrl.endsWith('/') ? deliveryUrl : new URL('.', deliveryUrl).href);
  const find = async (name: string): Promise<string | undefined> => await get(new URL(name, folder).href);
  const master = (await find(`${mac}.cfg`)) ?? (await find('000000000000.cfg'));
  if (master === undefined) return [];
  const named = configFiles(master).map((name) =>
    name.replaceAll('[PHONE_MAC_ADDRESS]', mac).replaceAll('[PHONE_MODEL]', model.replaceAll('_', '')),
  );
  const files: string[] = [];
  for (const name of [...named, `${mac}-phone.cfg`, `${mac}-web.cfg`]) {
    const file = await find(name);
    if (file !== undefined) files.push(file);
  }
  return files;
}

const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '', isArray: () => false });

function configFiles(master: string): readonly string[] {
  const document = parser.parse(master) as { readonly APPLICATION?: { readonly CONFIG_FILES?: string } };
  if (document.APPLICATION === undefined) throw new Error(`not a master file: ${master.slice(0, 60)}`);
  return (document.APPLICATION.CONFIG_FILES ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Without `alwaysReboot` the phone fetches; parameters of the event are nothing to it. */
function onNotify(event: string, settings: Settings): 'reboot' | 'fetch' | 'nothing' {
  if (!event.startsWith('check-sync')) return 'nothing';
  return settings.get('voIpProt.SIP.specialEvent.checkSync.alwaysReboot') === '1' ? 'reboot' : 'fetch';
}
