import { parseMac } from '../../domain/mac.ts';
import { Secret } from '../../domain/secret.ts';

/** What a phone asked for, taken apart. */
export interface RequestTarget {
  readonly token: Secret | null;
  /**
   * What follows the token, or everything when there is none: starts with `/`, has no empty segments and no backslashes,
   * is decoded but for `%`, `?` and `#`, and keeps of a query the MAC alone.
   */
  readonly path: string;
  /** The same with what stands before the token: by this a tenant is known. */
  readonly door: string;
  /** The path without anything that could be a token, in whatever place or spelling. */
  readonly loggable: string;
}

const LONGEST = 2048;
const TOKEN = /^[A-Za-z0-9]{16,64}$/;
/** RFC 9112, 3.2.2: scheme and authority stand before the path. */
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/.*?(?=[/\\?#]|%2f|%5c|$)/is;
/** Tokens have 24 characters; in the names of files that phones ask for, 18 stand together at most. */
const LIKE_A_TOKEN = /[A-Za-z0-9]{20,}/g;
const HIDDEN = '[secret]';
/** How often what is logged may have been encoded; no phone does it more than once. */
const DEEPEST_ENCODING = 4;

/**
 * Reads the target of an HTTP request or the file name of a TFTP request. The token is found after whatever a proxy left
 * in front of it, and however it is encoded: the last `p` with a token behind it counts, as what stands before is a
 * prefix. What is too long asks for nothing.
 */
export function readTarget(target: string): RequestTarget {
  if (target.length > LONGEST) return { token: null, path: '/', door: '/', loggable: `[longer than ${LONGEST}]` };
  const [whole = '', query = ''] = target
    .replace(ORIGIN, '')
    .replace(/#.*/s, '')
    .split(/\?(.*)/s, 2);
  const segments = segmentsOf(decode(whole));
  const at = segments.findLastIndex((segment, index) => segment === 'p' && TOKEN.test(segments[index + 1] ?? ''));
  const token = segments[at + 1];
  const rest = at < 0 ? segments : segments.slice(at + 2);
  const mac = parseMac(new URLSearchParams(query).get('mac') ?? '');
  const asked = mac === undefined ? '' : `?mac=${mac}`;
  return {
    token: at < 0 || token === undefined ? null : new Secret(token),
    path: `/${rest.map(encodeOnce).join('/')}${asked}`,
    door: `/${[...segments.slice(0, Math.max(at, 0)), ...rest].map(encodeOnce).join('/')}`,
    loggable: `/${hideTokens(rest.join('/'))}${asked || (query === '' ? '' : '?…')}`,
  };
}

function segmentsOf(text: string): readonly string[] {
  return text.split(/[/\\]/).filter((segment) => segment !== '');
}

/** What cannot be decoded stays as it is, but no ASCII stays hidden beside it. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/%[0-7][0-9a-f]/gi, decodeURIComponent);
  }
}

/** Makes of decoded text what is the same again when it is decoded. */
function encodeOnce(segment: string): string {
  return segment.replace(/[%?#]/g, encodeURIComponent);
}

/** Behind a `p`, where a token belongs, only a file name at the end is shown; elsewhere, what is shorter than a token. */
function hideTokens(text: string): string {
  let plain = text;
  for (let times = 0; times < DEEPEST_ENCODING; times++) plain = decode(plain);
  if (/%[0-7][0-9a-f]/i.test(plain)) return HIDDEN;
  const segments = segmentsOf(plain);
  const behind = segments.findIndex((segment) => /^p$/i.test(segment)) + 1;
  const last = segments.at(-1) ?? '';
  const isDoubtful = behind > 0 && behind < segments.length;
  const file = last.includes('.') ? [last] : [];
  const hidden = segments.length - behind > file.length ? [HIDDEN] : [];
  const shown = isDoubtful ? [...segments.slice(0, behind), ...hidden, ...file] : segments;
  return shown.join('/').replace(LIKE_A_TOKEN, HIDDEN);
}
