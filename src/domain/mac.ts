/** A MAC address as twelve lower-case hexadecimal digits without separators: `001565aabbcc`. */
export type Mac = string;

const SPELLINGS =
  /^(?:[0-9a-f]{12}|[0-9a-f]{2}([:\-_ ])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})$/i;

/**
 * Reads a MAC in any spelling phones and people use (`00:15:65:aa:bb:cc`, `00-15-65-…`, `0015.65aa.bbcc`,
 * `001565AABBCC`). `undefined` when it is not one, or is a placeholder or a group address: no phone has those.
 */
export function parseMac(text: string): Mac | undefined {
  if (!SPELLINGS.test(text)) return undefined;
  const mac = text.toLowerCase().replace(/[^0-9a-f]/g, '');
  return isDeviceMac(mac) ? mac : undefined;
}

/** IEEE 802: the lowest bit of the first octet marks a group address; all zeroes is the placeholder in shared file names. */
function isDeviceMac(mac: Mac): boolean {
  return mac !== '000000000000' && (Number.parseInt(mac.slice(0, 2), 16) & 1) === 0;
}

/** As people read it: `00:15:65:aa:bb:cc`. */
export function formatMac(mac: Mac): string {
  return mac.replace(/(..)(?=.)/g, '$1:');
}
