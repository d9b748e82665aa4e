/** One file of the administrator's as it is and as it is to be; `null` where there is none. */
export interface SiteChange {
  readonly file: string;
  readonly before: string | null;
  readonly after: string | null;
}
