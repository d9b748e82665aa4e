import { spaReader } from '../readers/flatProfile.ts';
import type { Settings } from '../readers/reading.ts';
import type { BootRequest, PhoneFamily, PhoneIdentity } from './family.ts';

/** A Cisco SPA phone. */
export const spa: PhoneFamily = {
  oui: '000e08',
  model: 'SPA504G',
  reader: spaReader,
  userAgent: ({ model, mac }) => `Cisco/${model}-7.6.2d (${mac.toUpperCase()})(CCQ162306EA)`,
  boot,
  onNotify,
};

/**
 * A server alone is asked for what Profile_Rule says as it leaves the factory, `/spa$PSN.cfg`. Then Profile_Rule_B is
 * evaluated, as the file just read has set it.
 */
async function boot({ deliveryUrl, get, ...phone }: BootRequest): Promise<readonly string[]> {
  const rule = deliveryUrl.endsWith('/') ? `${deliveryUrl}spa$PSN.cfg` : deliveryUrl;
  const first = await get(expand(rule, phone));
  if (first === undefined) return [];
  const second = spaReader.parse(first).get('Profile_Rule_B') ?? '';
  const own = second === '' ? undefined : await get(expand(second, phone));
  return own === undefined ? [first] : [first, own];
}

function expand(rule: string, { mac, model }: PhoneIdentity): string {
  return rule
    .replaceAll('$PSN', model.replace(/^SPA/, ''))
    .replaceAll('$MAU', mac.toUpperCase())
    .replaceAll('$MA', mac);
}

/** It asks whoever sends `resync` or `reboot` for a password unless the line it comes on says that it need not. */
function onNotify(event: string, settings: Settings): 'reboot' | 'fetch' | 'nothing' {
  if (settings.get('Auth_Resync-Reboot_1_') !== 'No') return 'nothing';
  if (event === 'reboot') return 'reboot';
  return event === 'resync' && settings.get('Resync_From_SIP') !== 'No' ? 'fetch' : 'nothing';
}
