import { formatMac } from './mac.ts';

/** Names of what is an `Instant`. */
const INSTANT = /^(?:at|since|until)$|(?:At|Until)$/;
/** A number below is none, whatever it is called: how many calls make a line busy (`busyAt`). Until March 1973. */
const FIRST_INSTANT = 1e11;
const PART_OF_A_MAC = /^[0-9a-f]{1,12}$/;

/**
 * As programs read what we print: instants in ISO 8601 (UTC), MAC addresses as people write them. What is an instant or a MAC is
 * told by its name.
 */
export function inJson(data: unknown, indent?: number): string {
  return JSON.stringify(data, readable, indent);
}

function readable(name: string, value: unknown): unknown {
  if (typeof value === 'number')
    return INSTANT.test(name) && value > FIRST_INSTANT ? new Date(value).toISOString() : value;
  if (name === 'mac') return withColons(value);
  if (name === 'devices' && Array.isArray(value)) return value.map(withColons);
  return value;
}

function withColons(value: unknown): unknown {
  return typeof value === 'string' && PART_OF_A_MAC.test(value) ? formatMac(value) : value;
}
