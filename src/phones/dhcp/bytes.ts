import type { DhcpOption, DhcpValue } from './rules.ts';

/** An option's content as it goes over the wire (RFC 2132); what is encapsulated as code, length and content each. */
export function dhcpBytes(option: DhcpOption): Buffer {
  if (!('inside' in option)) return bytesOf(option);
  return Buffer.concat(
    option.inside.map((value) => {
      const content = bytesOf(value);
      return Buffer.concat([Buffer.from([value.code, content.length]), content]);
    }),
  );
}

function bytesOf({ type, value }: DhcpValue): Buffer {
  return type === 'ip' ? Buffer.from(value.split('.').map(Number)) : Buffer.from(value, 'utf8');
}

/** `00:15:65`; an odd digit at the end becomes all sixteen bytes that it may begin. */
export function wholeBytes(macPrefix: string): readonly string[] {
  const whole = macPrefix.length % 2 === 0 ? [macPrefix] : [...'0123456789abcdef'].map((digit) => macPrefix + digit);
  return whole.map((digits) => digits.replace(/(..)(?=.)/g, '$1:'));
}

/** Why an option is missing, for a comment; empty when none is. */
export function missingNotes(codes: readonly number[]): readonly string[] {
  return codes.map((code) => `Option ${code} is left out: it needs an address, and the server was given by its name.`);
}
