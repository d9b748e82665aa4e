import type { Instant } from './time.ts';

/** A file that lies there for phones of a family: firmware, a language, a ring tone. */
export interface FamilyFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly changedAt: Instant;
}

/** Where those files are. */
export interface FamilyFolder {
  /** By name. What is in folders of a family's folder is served too, and not listed. */
  list(family: string): Promise<readonly FamilyFile[]>;
  /**
   * Puts a file there whole, in the place of one of that name; phones that are reading that one go on with it. Rejects with a `RangeError`
   * when it is too long, and as the file system and `content` do: all is as before then.
   */
  put(
    family: string,
    file: { readonly name: string; readonly content: AsyncIterable<Uint8Array> },
  ): Promise<{ readonly size: number; readonly sha256: string }>;
  /** `false`: there is none. */
  remove(family: string, name: string): Promise<boolean>;
}

/** Of a family, and of a file of one: letters, digits, and what stands in names of firmware. What begins with a dot is hidden. */
export const PLAIN_NAME = /^[A-Za-z0-9][\w.+()-]{0,127}$/;
