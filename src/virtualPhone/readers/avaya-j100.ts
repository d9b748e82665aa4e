import type { KeyReading, LineReading, Reader, Settings } from './reading.ts';
import { unlessEmpty } from './settings.ts';

const transports = ['udp', 'tcp', 'tls'] as const;

/** Avaya's `SET NAME value`, values with spaces in double quotes; `##` comments, `GET` the file that follows. */
export const avayaJ100Reader: Reader = { parse, read };

/** Keys are settings of one name: `PHONEKEY/4` is key 4. */
function parse(file: string): Settings {
  const settings = new Map<string, string>();
  for (const line of file.split(/\r?\n/)) {
    if (line === '' || line.startsWith('##')) continue;
    const get = /^GET (\S+)$/.exec(line);
    if (get !== null) {
      settings.set('GET', get[1] ?? '');
      continue;
    }
    const set = /^SET ([A-Z0-9_]+) (?:"([^"]*)"|([^\s"]+))$/.exec(line);
    if (set === null) throw new Error(`not a statement: ${JSON.stringify(line)}`);
    const [, name = '', quoted, bare] = set;
    const value = quoted ?? bare ?? '';
    const key = /^Key=(\d+);/.exec(value)?.[1];
    settings.set(name === 'PHONEKEY' ? `PHONEKEY/${key}` : name, value);
  }
  return settings;
}

function read(settings: Settings): ReturnType<Reader['read']> {
  const get = (name: string): string => settings.get(name) ?? '';
  return {
    lines: get('FORCE_SIP_USERNAME') === '' ? [] : [readLine(get)],
    keys: [...settings].flatMap(([name, value]) => (name.startsWith('PHONEKEY/') ? [readKey(value)] : [])),
    deliveryUrl: `http://${get('HTTPSRVR')}:${get('HTTPPORT')}${get('HTTPDIR')}`,
  };
}

function readLine(get: (name: string) => string): LineReading {
  const controller = /^([^:;,]+):(\d+);transport=([a-z]+)$/.exec(get('SIP_CONTROLLER_LIST'));
  const [, host = '', port = '', spelled] = controller ?? [];
  const transport = transports.find((name) => name === spelled);
  if (transport === undefined) throw new Error(`not a controller: ${get('SIP_CONTROLLER_LIST')}`);
  const domain = get('SIPDOMAIN');
  const voicemail = get('PSTN_VM_NUM');
  return {
    line: 1,
    label: '',
    displayName: get('DISPLAY_NAME'),
    user: get('FORCE_SIP_EXTENSION'),
    authUser: get('FORCE_SIP_USERNAME'),
    password: get('FORCE_SIP_PASSWORD'),
    host: domain,
    port: Number(port),
    transport,
    expires: Number(get('REGISTERWAIT')),
    srtp: 'off',
    ...(host === domain ? {} : { outboundProxy: `${host}:${port}` }),
    ...unlessEmpty({ voicemail }),
  };
}

function readKey(text: string): KeyReading {
  const parts = text.split(';');
  if (parts.pop() !== 'Forced') throw new Error(`not a key: ${text}`);
  const fields = new Map(
    parts.map((part): [string, string] => {
      const at = part.indexOf('=');
      if (at < 0) throw new Error(`not a part of a key: ${part}`);
      return [part.slice(0, at), part.slice(at + 1)];
    }),
  );
  const type = fields.get('Type') ?? '';
  return {
    // Keys 1 to 3 are the line's own.
    position: Number(fields.get('Key')) - 3,
    kind: type === 'autodial' ? 'speed dial' : (fields.get('Name') ?? ''),
    value: fields.get('attr1') ?? '',
    label: fields.get('Label') ?? '',
  };
}
