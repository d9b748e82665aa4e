/** Of Windows-1252, from 0x80 on; a space where there is none. */
const WINDOWS = [...'€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ'];

/**
 * The text of a table as spreadsheets save one: in UTF-8, with or without a mark, in UTF-16 with its mark ("Unicode text"), and
 * what is neither in the Windows-1252 of western Europe. Whoever imports it sees each line before anything is done.
 */
export function tableText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Node's own decoder of this name takes what is different in it for control characters.
    return Buffer.from(bytes)
      .toString('latin1')
      .replaceAll(/[\u0080-\u009f]/g, (letter) => WINDOWS[letter.charCodeAt(0) - 0x80] ?? letter);
  }
}
