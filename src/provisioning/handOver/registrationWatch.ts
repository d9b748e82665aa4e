import type { Ports } from '../ports.ts';
import { noteAllRegistrations } from './noteRegistrations.ts';

/** Whether we have heard of every registration: what happens while Asterisk cannot be asked is not told. */
export interface RegistrationWatch {
  /** False from the start, and after every loss, until all have been compared. */
  isComplete(): boolean;
  /** Asterisk cannot be asked any more. */
  lost(): void;
  /** Compares all. Rejects with `unavailable` while Asterisk cannot be asked. */
  compare(): Promise<void>;
}

export function watchRegistrations(ports: Pick<Ports, 'store' | 'registrar' | 'times' | 'now'>): RegistrationWatch {
  let losses = 0;
  /** How many losses there had been when the latest comparison began that has ended. */
  let completeSince = -1;
  return {
    isComplete: () => completeSince === losses,
    lost() {
      losses += 1;
    },
    async compare() {
      const before = losses;
      await noteAllRegistrations(ports);
      completeSince = Math.max(completeSince, before);
    },
  };
}
