import type { Family } from '../../../src/phones/family/family.ts';
import type { View } from '../../../src/phones/template/viewTypes.ts';
import { renderFile } from '../../../src/phones/view/render.ts';
import { shippedFamilies } from '../phoneFacts.ts';
import type { PhoneReading, Reader, Settings } from '../../../src/virtualPhone/readers/reading.ts';

/** What the phone knows after it has fetched its own files, once from each view, one after the other. */
export function readBack(family: Family, reader: Reader, ...views: readonly View[]): PhoneReading {
  return reader.read(ownSettings(family, reader, ...views));
}

/** The same as settings under the family's own names. */
export function ownSettings(family: Family, reader: Reader, ...views: readonly View[]): Settings {
  const own = [...family.files].filter(([, file]) => file.role === 'device').map(([name]) => name);
  const settings = views.flatMap((view) => own.map((name) => reader.parse(fileOf(family, name, view))));
  return new Map(settings.flatMap((found) => [...found]));
}

function fileOf(family: Family, name: string, view: View): string {
  const asked = { familyId: family.id, kind: 'template', name, role: 'device' } as const;
  const { encoding } = family.files.get(name) ?? { encoding: 'utf-8' };
  return renderFile(shippedFamilies(), asked, view).body.toString(encoding === 'iso-8859-1' ? 'latin1' : 'utf8');
}
