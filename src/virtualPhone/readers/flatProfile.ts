import type { KeyReading, LineReading, PhoneReading, Reader, Settings } from './reading.ts';
import { numbersIn, unlessEmpty } from './settings.ts';
import { allChildren, rootOf, textOf } from './xml.ts';

/** Cisco SPA: SRTP is one setting for the whole phone. */
export const spaReader: Reader = {
  parse,
  read: (settings) => read(settings, () => (settings.get('Secure_Call_Setting') === 'Yes' ? 'offered' : 'off')),
};

/** Cisco multiplatform phones: SRTP is set per line. */
export const mppReader: Reader = {
  parse,
  read: (settings) =>
    read(settings, (line) => (settings.get(`Secure_Call_Option_${line}_`) === 'Required' ? 'required' : 'off')),
};

const transports: Readonly<Record<string, LineReading['transport']>> = {
  UDP: 'udp',
  TCP: 'tcp',
  TLS: 'tls',
  AUTO: 'dns',
};
const functions: Readonly<Record<string, string>> = { sd: 'speed dial', 'blf+sd+cp': 'blf' };

/** `<flat-profile>`: each element is a setting; of two with the same name the phone takes the last. */
function parse(file: string): Settings {
  const settings = new Map<string, string>();
  for (const [name, element] of allChildren(rootOf(file, 'flat-profile'))) {
    if (allChildren(element).length > 0) throw new Error(`not a setting: ${name}`);
    settings.set(name, textOf(element));
  }
  return settings;
}

function read(settings: Settings, srtpOf: (line: number) => LineReading['srtp']): PhoneReading {
  const url = settings.get('Profile_Rule') ?? '';
  const authority = settings.get('Custom_CA_Rule') ?? settings.get('Custom_CA_URL') ?? '';
  return {
    lines: numbersIn(settings, /^Line_Enable_(\d+)_$/).flatMap((line) => readLine(settings, line, srtpOf(line))),
    keys: numbersIn(settings, /^Extension_(\d+)_$/).flatMap((position) => readKey(settings, position)),
    ...unlessEmpty({ deliveryUrl: url, authorityUrl: authority }),
  };
}

function readLine(settings: Settings, line: number, srtp: LineReading['srtp']): readonly LineReading[] {
  const get = (name: string): string => settings.get(`${name}_${line}_`) ?? '';
  if (get('Line_Enable') !== 'Yes' || get('Register') !== 'Yes') return [];
  const transport = transports[get('SIP_Transport')];
  const proxy = /^([^:]+):(\d+)$/.exec(get('Proxy'));
  if (transport === undefined || proxy === null) throw new Error(`line ${line} has no transport or no server`);
  const voicemail = settings.get('Voice_Mail_Number') ?? '';
  return [
    {
      line,
      label: settings.get('Station_Display_Name') ?? '',
      displayName: get('Display_Name'),
      user: get('User_ID'),
      authUser: get('Use_Auth_ID') === 'Yes' ? get('Auth_ID') : get('User_ID'),
      password: get('Password'),
      host: proxy[1] ?? '',
      port: Number(proxy[2]),
      transport,
      expires: Number(get('Register_Expires')),
      srtp,
      ...(get('Use_Outbound_Proxy') === 'Yes' ? { outboundProxy: get('Outbound_Proxy') } : {}),
      ...unlessEmpty({ voicemail }),
      ...whenLifted(get('Dial_Plan')),
    },
  ];
}

/** `P5<:1000>` as the first sequence of a dial plan: what a lifted telephone calls after a pause. */
function whenLifted(plan: string): Pick<LineReading, 'whenLifted'> {
  const [, after, calls] = /^\(P(\d*)<:([^>]+)>\|/.exec(plan) ?? [];
  return calls === undefined ? {} : { whenLifted: { calls, after: Number(after) } };
}

/** A key with a line's number is that line's; a disabled one does what its extended function says. */
function readKey(settings: Settings, position: number): readonly KeyReading[] {
  const get = (name: string): string => settings.get(`${name}_${position}_`) ?? '';
  const label = get('Short_Name');
  if (get('Extension') !== 'Disabled') return [{ position, kind: 'line', value: '', label }];
  if (get('Extended_Function') === '') return [];
  const parts = new Map(
    get('Extended_Function')
      .split(';')
      .map((part) => {
        const [, name, value] = /^(fnc|sub|ext|vid|nme)=(.*)$/.exec(part) ?? [];
        if (name === undefined || value === undefined) throw new Error(`not a part of a function: ${part}`);
        return [name, value];
      }),
  );
  const [, number] = /^([^@;]+)@\$PROXY$/.exec(parts.get('ext') ?? '') ?? [];
  const kind = functions[parts.get('fnc') ?? ''];
  if (kind === undefined || number === undefined) throw new Error(`not a function: ${get('Extended_Function')}`);
  if (kind === 'blf' && parts.get('sub') !== parts.get('ext'))
    throw new Error('the lamp is of another than the key dials');
  return [{ position, kind, value: number, label: parts.get('nme') ?? '' }];
}
