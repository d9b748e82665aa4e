/** What was found about one thing that has to be right. */
export interface Finding {
  /** `unseen`: it could not be looked at. */
  readonly state: 'well' | 'warning' | 'wrong' | 'unseen';
  /** In plain words. */
  readonly says: string;
  /** What to type, or to do; `null` where there is nothing to do. */
  readonly todo: string | null;
}

/** One thing that is looked at, by the name that it has in reports. */
export interface Check {
  readonly name: string;
  /** Without any, all is well; a rejection is something wrong as well. */
  look(): Promise<readonly Finding[]>;
}

export interface Report {
  readonly ok: boolean;
  readonly findings: readonly (Finding & { readonly check: string })[];
}

export const well = (says: string): Finding => ({ state: 'well', says, todo: null });
export const wrong = (says: string, todo: string | null): Finding => ({ state: 'wrong', says, todo });
export const warning = (says: string, todo: string | null): Finding => ({ state: 'warning', says, todo });
export const unseen = (says: string): Finding => ({ state: 'unseen', says, todo: null });

/** What rests on something that is not well. */
export const notWithout = (what: string): Finding => unseen(`not looked at: see ${what}`);

/** Looks at one thing after the other: what one shows is what another rests on. Never rejects. */
export async function examine(checks: readonly Check[], describe: (error: unknown) => string): Promise<Report> {
  const findings: Report['findings'][number][] = [];
  for (const { name: check, look } of checks) {
    const found = await look().catch((error: unknown) => [wrong(describe(error), null)]);
    findings.push(...found.map((finding) => ({ check, ...finding })));
  }
  return { ok: findings.every(({ state }) => state !== 'wrong'), findings };
}
