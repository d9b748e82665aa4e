import type { LineReading, Reader, Settings } from './reading.ts';
import { numbersIn, settingPerLine } from './settings.ts';

const transports = new Map([
  ['UDP', 'udp'],
  ['TCP', 'tcp'],
  ['TLS', 'tls'],
] as const);

/** AudioCodes' `path/to/setting=value`, values raw to the end of the line; lines are counted from 0. */
export const audiocodesReader: Reader = {
  parse: (file) =>
    settingPerLine(
      file.split(/\r?\n/).filter((line) => line !== ''),
      /^([a-z0-9_]+(?:\/[a-z0-9_]+)+)=(.*)$/,
    ),
  read,
};

function read(settings: Settings): ReturnType<Reader['read']> {
  return {
    lines: numbersIn(settings, /^voip\/line\/(\d+)\/enabled$/).flatMap((index) => readLine(settings, index)),
    keys: [],
    deliveryUrl: settings.get('provisioning/configuration/url') ?? '',
  };
}

function readLine(settings: Settings, index: number): readonly LineReading[] {
  const line = (name: string): string => settings.get(`voip/line/${index}/${name}`) ?? '';
  const sip = (name: string): string => settings.get(`voip/signalling/sip/${name}`) ?? '';
  if (line('enabled') !== '1') return [];
  const transport = transports.get(sip('transport_protocol') as 'UDP' | 'TCP' | 'TLS');
  if (transport === undefined) throw new Error(`not a transport: ${sip('transport_protocol')}`);
  const proxy = `${sip('sip_outbound_proxy/addr')}:${sip('sip_outbound_proxy/port')}`;
  return [
    {
      line: index + 1,
      label: line('extension_display'),
      displayName: line('description'),
      user: line('id'),
      authUser: line('auth_name'),
      password: line('auth_password'),
      host: sip('proxy_address'),
      port: Number(sip('proxy_port')),
      transport,
      expires: 0,
      srtp: settings.get('voip/media/srtp/mode') === 'DONOTSUPPORTENCRYPTION' ? 'off' : 'offered',
      ...(sip('sip_outbound_proxy/enabled') === '1' ? { outboundProxy: proxy } : {}),
    },
  ];
}
