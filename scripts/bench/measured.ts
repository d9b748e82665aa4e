import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../src/packageRoot.ts';
import type { Figure } from './figure.ts';
import type { Machine } from './machine.ts';
import type { PartName } from './parts.ts';

const MEASURED = join(packageRoot, 'docs/performance/figures.json');
/** Of a run that was quick. */
export const LOOKED_AT = join(packageRoot, 'var/figures.json');

/** What was measured the last time. */
export interface Measured {
  /** For a first look: fewer devices and phones, and shorter. */
  readonly isQuick: boolean;
  readonly machine: Machine;
  readonly parts: Readonly<Partial<Record<PartName, readonly Figure[]>>>;
}

export function readMeasured(): Measured {
  return JSON.parse(readFileSync(MEASURED, 'utf8')) as Measured;
}

/** Puts what was measured into the place of what was before; what another machine or a quick run has said goes. */
export function addMeasured(measured: Measured): void {
  const before = readMeasured();
  const identityOf = ({ machine: { processor, cores, memory } }: Measured): string =>
    [processor, cores, memory].join('\n');
  const isSame = !before.isQuick && identityOf(before) === identityOf(measured);
  writeMeasured({ ...measured, parts: { ...(isSame ? before.parts : {}), ...measured.parts } }, MEASURED);
}

export function writeMeasured(measured: Measured, file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(measured, null, 2)}\n`);
}
