const converted = new WeakMap<Buffer, Buffer>();

/** The text as netascii (RFC 764): a line ends with CR LF, a bare CR becomes CR NUL. The same body is converted once. */
export function toNetascii(body: Buffer): Buffer {
  const known = converted.get(body);
  if (known !== undefined) return known;
  const text = body.toString('latin1').replace(/[\r\n]/g, (end) => (end === '\n' ? '\r\n' : '\r\0'));
  const bytes = Buffer.from(text, 'latin1');
  converted.set(body, bytes);
  return bytes;
}
