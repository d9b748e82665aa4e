import { readAttributePairs } from './attributePairs.ts';
import type { LineReading, Reader, Settings } from './reading.ts';
import { numbersIn } from './settings.ts';

/** The DECT systems' `<provisioning>` document: a handset and its account, and the provider that it names. */
export const gigasetReader: Reader = {
  parse: (file) => readAttributePairs(file, { path: ['provisioning', 'nvm', 'param'], name: 'name' }),
  read: (settings) => ({
    lines: numbersIn(settings, /^SipAccount\.(\d{5})\.AuthName$/).map((handset) => readLine(settings, handset)),
    keys: [],
    deliveryUrl: settings.get('Provisioning.global.ProvisioningServer') ?? '',
  }),
};

const transports = new Map([
  ['1', 'udp'],
  ['2', 'tcp'],
  ['3', 'tls'],
] as const);

function readLine(settings: Settings, handset: number): LineReading {
  const account = (name: string): string =>
    settings.get(`SipAccount.${String(handset).padStart(5, '0')}.${name}`) ?? '';
  const provider = (name: string): string => settings.get(`SipProvider.${account('ProviderId')}.${name}`) ?? '';
  const transport = transports.get(provider('TransportProtocol') as '1' | '2' | '3');
  if (transport === undefined) throw new Error(`not a transport: ${provider('TransportProtocol')}`);
  const accepts = provider('AcceptNonSRTPCalls') === '1';
  const proxy = provider('OutboundProxyMode') === '0';
  return {
    line: handset,
    label: provider('Name'),
    displayName: account('DisplayName'),
    user: account('UserName'),
    authUser: account('AuthName'),
    password: account('AuthPassword'),
    host: provider('RegServerAddress'),
    port: Number(provider('RegServerPort')),
    transport,
    expires: Number(provider('RegServerRefreshTimer')),
    srtp: provider('SRTP_Enabled') !== '1' ? 'off' : accepts ? 'offered' : 'required',
    ...(proxy ? { outboundProxy: `${provider('OutboundProxyAddress')}:${provider('OutboundProxyPort')}` } : {}),
    ...(account('VoiceMailActive') === '1' ? { voicemail: account('VoiceMailMailbox') } : {}),
  };
}
