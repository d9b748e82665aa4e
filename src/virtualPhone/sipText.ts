import { createHash } from 'node:crypto';

export const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** The first header of this name; empty when there is none. */
export const headerOf = (message: string, name: string): string =>
  new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(message)?.[1]?.trim() ?? '';

/** The answer to a digest challenge (RFC 2617, qop=auth). */
export function digestOf(
  challenge: string,
  account: { readonly authName: string; readonly password: string },
  request: { readonly method: string; readonly uri: string },
): string {
  const quoted = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? '';
  const [realm, nonce, opaque] = [quoted('realm'), quoted('nonce'), quoted('opaque')];
  const cnonce = md5(`${nonce}${Math.random()}`).slice(0, 8);
  const { authName, password } = account;
  const secret = md5(`${authName}:${realm}:${password}`);
  const response = md5(`${secret}:${nonce}:00000001:${cnonce}:auth:${md5(`${request.method}:${request.uri}`)}`);
  return (
    `Digest username="${authName}", realm="${realm}", nonce="${nonce}", uri="${request.uri}", response="${response}", ` +
    `cnonce="${cnonce}", nc=00000001, qop=auth, opaque="${opaque}", algorithm=MD5`
  );
}

/** What answers a request, whoever it was meant for. */
export function okTo(request: string): string {
  const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(request, name)}`);
  return `SIP/2.0 200 OK\r\n${copied.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`;
}
