export interface Request {
  readonly kind: 'read' | 'write';
  readonly name: string;
  /** Lower case; anything a client may write. */
  readonly mode: string;
  /** Names in lower case; the first of a name counts. */
  readonly options: ReadonlyMap<string, string>;
}

/** One TFTP packet: RFC 1350, with the options of RFC 2347. */
export type Packet =
  | Request
  | { readonly kind: 'data'; readonly block: number; readonly body: Buffer }
  | { readonly kind: 'ack'; readonly block: number }
  | { readonly kind: 'error'; readonly code: number; readonly text: string }
  | { readonly kind: 'options'; readonly options: ReadonlyMap<string, string> };

/** What a server may say; RFC 1350 and 2347. */
export const ERRORS = {
  failed: { kind: 'error', code: 0, text: 'Not available' },
  notFound: { kind: 'error', code: 1, text: 'File not found' },
  readOnly: { kind: 'error', code: 2, text: 'This server is read-only' },
  badMode: { kind: 'error', code: 4, text: 'Mode must be octet or netascii' },
  unknownTransfer: { kind: 'error', code: 5, text: 'Unknown transfer' },
} as const satisfies Record<string, Packet>;

const READ = 1;
const WRITE = 2;
const DATA = 3;
const ACK = 4;
const ERROR = 5;
const OPTIONS = 6;
/** Clients keep a request within 512 bytes (RFC 2347); twice that is still read. */
const LONGEST_REQUEST = 1024;

/** Reads a packet; `undefined` for what is none. Block numbers are as on the wire: 16 bits. */
export function parsePacket(bytes: Buffer): Packet | undefined {
  if (bytes.length < 4) return undefined;
  const rest = bytes.subarray(4);
  switch (bytes.readUInt16BE(0)) {
    case READ:
      return parseRequest('read', bytes);
    case WRITE:
      return parseRequest('write', bytes);
    case DATA:
      return { kind: 'data', block: bytes.readUInt16BE(2), body: rest };
    case ACK:
      return { kind: 'ack', block: bytes.readUInt16BE(2) };
    case ERROR:
      return { kind: 'error', code: bytes.readUInt16BE(2), text: words(rest)[0] ?? '' };
    case OPTIONS:
      return { kind: 'options', options: pairs(words(bytes.subarray(2))) };
    default:
      return undefined;
  }
}

function parseRequest(kind: 'read' | 'write', bytes: Buffer): Request | undefined {
  if (bytes.length > LONGEST_REQUEST) return undefined;
  const [name = '', mode, ...options] = words(bytes.subarray(2));
  if (name === '' || mode === undefined) return undefined;
  return { kind, name, mode: mode.toLowerCase(), options: pairs(options) };
}

/** The texts that a NUL ends. */
function words(bytes: Buffer): readonly string[] {
  return bytes.toString('utf8').split('\0').slice(0, -1);
}

/** Some clients fill their requests up with NULs: an option without a name is none. */
function pairs(texts: readonly string[]): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (let at = 0; at + 1 < texts.length; at += 2) {
    const name = texts[at]?.toLowerCase() ?? '';
    if (name !== '' && !options.has(name)) options.set(name, texts[at + 1] ?? '');
  }
  return options;
}

/** The datagram, in pieces for `socket.send`: the body of a block is not copied. Blocks beyond 65535 go on from 0. */
export function encodePacket(packet: Packet): readonly Buffer[] {
  switch (packet.kind) {
    case 'read':
    case 'write':
      return [head(packet.kind === 'read' ? READ : WRITE), text(packet.name, packet.mode, ...packet.options.entries())];
    case 'data':
      return [head(DATA, packet.block), packet.body];
    case 'ack':
      return [head(ACK, packet.block)];
    case 'error':
      return [head(ERROR, packet.code), text(packet.text)];
    case 'options':
      return [head(OPTIONS), text(...packet.options.entries())];
  }
}

function head(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * numbers.length);
  numbers.forEach((number, at) => bytes.writeUInt16BE(number & 0xffff, 2 * at));
  return bytes;
}

function text(...parts: readonly (string | readonly string[])[]): Buffer {
  return Buffer.from(
    parts
      .flat()
      .map((part) => `${part}\0`)
      .join(''),
  );
}
