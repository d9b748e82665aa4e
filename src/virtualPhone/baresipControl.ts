import { once } from 'node:events';
import { connect } from 'node:net';
import { within } from './wait.ts';

/** What baresip says happened: `REGISTER_OK`, `CALL_ESTABLISHED` …, as its module ctrl_tcp spells it. */
export interface BaresipEvent {
  readonly type: string;
  /** The account's address of record, `sip:1500@127.0.0.1:5060`. */
  readonly accountaor?: string;
  readonly direction?: 'incoming' | 'outgoing';
  readonly peeruri?: string;
  readonly peerdisplayname?: string;
  /** The call's Call-ID. */
  readonly id?: string;
  /** The reason of a failure or of a call's end. */
  readonly param?: string;
}

export interface BaresipControl {
  /** One command of baresip's menu; resolves with what it printed, rejects when baresip refuses it. */
  readonly command: (name: string, params?: string) => Promise<string>;
}

type Message =
  (BaresipEvent & { readonly event: true }) | { readonly ok: boolean; readonly data: string; readonly token: string };

/** Speaks to baresip's module ctrl_tcp: JSON objects in netstrings. The connection ends with baresip. */
export async function baresipControl(
  port: number,
  address: string,
  onEvent: (event: BaresipEvent) => void,
): Promise<BaresipControl> {
  const waiting = new Map<string, (answer: { ok: boolean; data: string }) => void>();
  const socket = connect(port, address);
  let rest = Buffer.alloc(0);
  let asked = 0;

  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (let text = netstring(); text !== undefined; text = netstring()) {
      const message = JSON.parse(text) as Message;
      if ('event' in message) onEvent(message);
      else waiting.get(message.token)?.(message);
    }
  });
  await once(socket, 'connect');
  socket.on('error', () => {}).unref();

  function netstring(): string | undefined {
    const colon = rest.indexOf(':');
    const length = Number(rest.toString('latin1', 0, Math.max(colon, 0)));
    if (colon < 0 || rest.length < colon + length + 2) return undefined;
    const text = rest.toString('utf8', colon + 1, colon + 1 + length);
    rest = rest.subarray(colon + length + 2);
    return text;
  }

  async function command(name: string, params = ''): Promise<string> {
    const token = String((asked += 1));
    const json = JSON.stringify({ command: name, params, token });
    const answer = new Promise<{ ok: boolean; data: string }>((resolve) => waiting.set(token, resolve));
    socket.write(`${Buffer.byteLength(json)}:${json},`);
    const { ok, data } = await within(answer, { what: `baresip's answer to "${name}"` });
    waiting.delete(token);
    if (!ok) throw new Error(`baresip refuses "${name} ${params}": ${data}`);
    return data;
  }

  return { command };
}
