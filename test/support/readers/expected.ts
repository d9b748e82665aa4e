import type { Family } from '../../../src/phones/family/family.ts';
import type { UserLine } from '../../../src/phones/view/facts.ts';
import type { View } from '../../../src/phones/template/viewTypes.ts';
import type { Key } from '../../../src/domain/deviceSettings.ts';
import * as facts from '../phoneFacts.ts';
import type { Limits, TextLimits } from './limits.ts';
import type { KeyReading, LineReading } from '../../../src/virtualPhone/readers/reading.ts';
import type { Scene } from './scene.ts';

/** The text that a phone has after the limits that all files have and those of its family. */
function limited(family: Family, given: string, limit: TextLimits = {}): string {
  const isXml = [...family.files.values()].some(({ format, role }) => role === 'device' && format === 'xml');
  const isQuoted = [...family.files.values()].some(({ format, role }) => role === 'device' && format === 'quoted');
  let found = given.replace(/[\u2028\u2029]+/g, ' ');
  if (isXml) found = found.replace(/[\ufffe\uffff]/g, '');
  if (isQuoted) found = found.replaceAll('"', "'");
  if (limit.not !== undefined) found = found.replace(limit.not, ' ');
  if (limit.trimmed) found = found.trim();
  return limit.means?.get(found) ?? found;
}

type ComparedLine = Partial<Record<keyof LineReading, unknown>>;

/** Only what the files say. */
export function without(line: ComparedLine, unsaid: readonly (keyof LineReading)[]): ComparedLine {
  return Object.fromEntries(
    Object.entries(line).filter(([name, value]) => value !== undefined && !unsaid.includes(name as keyof LineReading)),
  );
}

/** Parts of a line that are not compared. */
export function unsaidOf(limit: Limits, hasProxy: boolean): readonly (keyof LineReading)[] {
  return [...(limit.unsaid ?? []), ...(hasProxy ? (limit.unsaidWithProxy ?? []) : [])];
}

/** What the phone should have as this line. */
export function expectedLine(
  family: Family,
  limit: Limits,
  { line, user, settings }: UserLine,
  scene: Pick<Scene, 'model' | 'proxy'>,
): ComparedLine {
  const step = limit.expiryStep ?? 1;
  const isCalled = line.userId === null && limit.callsWhenLifted?.(family.models.get(scene.model)) === true;
  return {
    line: line.slot,
    label: limited(family, user.extension),
    displayName: limited(family, user.name, limit.displayName),
    user: line.endpoint,
    authUser: line.authName,
    password: line.secret.reveal(),
    host: facts.server.sipHost,
    port: facts.server.sipPorts[settings.transport ?? 'udp'],
    transport: settings.transport ?? 'udp',
    expires: Math.max(step, Math.round(settings.expiry / step) * step),
    srtp: settings.srtp && family.data.abilities.srtp !== 'no' ? (limit.srtp ?? 'required') : 'off',
    outboundProxy: scene.proxy === null ? undefined : `${scene.proxy.host}:${scene.proxy.port}`,
    voicemail: settings.voicemail ?? undefined,
    whenLifted: isCalled ? { calls: facts.tenant.extension, after: 5 } : undefined,
  };
}

type ComparedKey = Partial<Omit<KeyReading, 'position'>>;

/** Only what the files say of a key of this kind; positions are compared by order. */
export function comparedKey(limit: Limits, { kind, value, label }: Omit<KeyReading, 'position'>): ComparedKey {
  return { kind, label, ...(limit.unvaluedKinds?.includes(kind) ? {} : { value }) };
}

/** What is given up last when there are too few keys. */
const KEPT_LONGEST: readonly (readonly string[])[] = [
  ['line'],
  ['voicemail'],
  ['park', 'transfer'],
  ['blf'],
  ['speed_dial'],
];

/**
 * Line keys first, then the others in their order; those that the family cannot spell are missing. What matters less than
 * the rest is on a module when the phone is full, and missing when that is full too.
 */
export function expectedKeys(
  family: Family,
  limit: Limits,
  view: View,
  lineLabels: readonly string[],
  keys: readonly Key[],
): readonly ComparedKey[] {
  const lineKeys = lineLabels.map((label) => ({ kind: 'line', value: '', label: limited(family, label) }));
  const others = keys.map(({ kind, value, label }) => ({
    kind,
    value: value ?? '',
    label: limited(family, label, limit.keyLabel),
  }));
  const known = [...lineKeys, ...others].filter(({ kind }) => Object.hasOwn(family.data.spelling.key, kind));
  const ranked = KEPT_LONGEST.flatMap((kinds) => known.filter(({ kind }) => kinds.includes(kind)));
  const modules = family.models.get(view.model.name).banks.filter(({ optional }) => optional);
  const beyond = view.model.keys + modules.reduce((sum, bank) => sum + bank.keys * bank.pages, 0);
  const [phone, module] = [ranked.slice(0, view.model.keys), ranked.slice(view.model.keys, beyond)];
  return [...known.filter((key) => phone.includes(key)), ...known.filter((key) => module.includes(key))].map((key) =>
    comparedKey(limit, { ...key, kind: limit.keyKinds?.[key.kind] ?? key.kind.replace('_', ' ') }),
  );
}
