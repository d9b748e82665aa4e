interface Closing {
  close(): Promise<void>;
}

export type Keep = <T extends Closing>(part: T) => T;

/** Closes what was kept when the work is over, the last first, also when it failed: what is left running would spoil what comes. */
export async function during<T>(work: (keep: Keep) => Promise<T>): Promise<T> {
  const kept: Closing[] = [];
  try {
    return await work((part) => {
      kept.push(part);
      return part;
    });
  } finally {
    for (const part of kept.toReversed()) await part.close();
  }
}
