/** Days. */
export interface KeptDays {
  /** Events, and syncs that have ended. */
  readonly events: number;
  /** A device that has never registered and does not ask any more; not one that is blocked, or was only entered. */
  readonly devices: number;
}

/** Unless settings say otherwise. */
export const KEPT_DAYS: KeptDays = { events: 400, devices: 90 };
