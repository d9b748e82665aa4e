import type { PhoneReading, Reader, Settings } from './reading.ts';
import { yealinkReader } from './yealink.ts';

/** A DECT base's files have the desk phones' format; an account without a handset rings nowhere. */
export const yealinkDectReader: Reader = { parse: yealinkReader.parse, read };

function read(settings: Settings): PhoneReading {
  const base = yealinkReader.read(settings);
  const lines = base.lines.filter(({ line }) => {
    const lists = ['incoming_lines', 'dial_out_lines'].map((name) => settings.get(`handset.${line}.${name}`) ?? '');
    return lists.every((list) => list.split(',').includes(String(line)));
  });
  return { ...base, lines };
}
