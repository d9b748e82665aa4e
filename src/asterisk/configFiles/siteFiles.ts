import { SelfprovError } from '../../domain/errors.ts';
import type { SiteChange } from '../../domain/siteChange.ts';
import type { IncludeLine } from './asteriskFiles.ts';

/** Ends each line that is added to a file of the administrator's: by it they are found again, and taken out. */
const MARK = '; selfprov';
/** Ends a line that took the place of the one behind it. */
const INSTEAD_OF = '; selfprov, instead of:';

/** Reads a file of Asterisk's own by its name; `null` where there is none. */
export type ReadSite = (file: string) => string | null;

/** What Asterisk's own files say about where it is managed. */
export interface Managed {
  readonly ariUrl: string;
  readonly amiHost: string;
  readonly amiPort: number;
}

interface Wanted {
  readonly includes: readonly IncludeLine[];
  /** Where the calls of users start. */
  readonly usersContext: string;
}

/** Files that the administrator's program writes, and where it lets others write instead. */
const FREEPBX: Readonly<Record<string, string>> = {
  'pjsip.conf': 'pjsip.endpoint_custom_post.conf',
  'extensions.conf': 'extensions_custom.conf',
  'manager.conf': 'manager_custom.conf',
  'extconfig.conf': 'extconfig_custom.conf',
};

/**
 * How the snippets become part of these files. Applied twice it is the same as once; `takenOut` gives them back byte by byte.
 * Throws `not_found` where the users' context is not there.
 */
export function putIn(read: ReadSite, { includes, usersContext }: Wanted): readonly SiteChange[] {
  const site = siteOf(read);
  // Before what comes to the end of the file, which has contexts of its own.
  site.edit('extensions.conf', (text) => {
    if (!hasSection(text, usersContext))
      throw new SelfprovError(
        'not_found',
        `${site.nameOf('extensions.conf')} has no context [${usersContext}]: say which one the calls of your users start in (selfprov tenant set --context)`,
      );
    return withLineBehind(text, usersContext, 'include => selfprov-users');
  });
  for (const { file, section, line } of includes) {
    if (file === 'http.conf') continue;
    site.edit(file, (text) => (section === null ? withLine(text, line) : withLineIn(text, section, line)));
  }
  site.edit('http.conf', (text) =>
    withSettings(text, 'general', { enabled: 'yes', bindaddr: '127.0.0.1', bindport: '8088' }),
  );
  site.edit('ari.conf', (text) => withSettings(text, 'general', { enabled: 'yes' }));
  site.edit('manager.conf', (text) => withSettings(text, 'general', { enabled: 'yes' }));
  return site.changes();
}

/** The same files without any line of ours. */
export function takenOut(read: ReadSite, files: readonly string[]): readonly SiteChange[] {
  return files.flatMap((file) => {
    const before = read(file);
    if (before === null) return [];
    const after = plain(before);
    return after === before ? [] : [{ file, before, after: after === '' ? null : after }];
  });
}

/** Where Asterisk is managed, with what is put into its files. */
export function managedAt(read: ReadSite): Managed {
  const of = (file: string, key: string): string | undefined => valueOf(read(file) ?? '', 'general', key);
  const http = of('http.conf', 'bindaddr') ?? '127.0.0.1';
  const ami = of('manager.conf', 'bindaddr') ?? '127.0.0.1';
  const prefix = of('http.conf', 'prefix');
  return {
    ariUrl: `http://${reachable(http)}:${of('http.conf', 'bindport') ?? '8088'}${prefix === undefined ? '' : `/${prefix}`}`,
    amiHost: reachable(ami),
    amiPort: Number(of('manager.conf', 'port') ?? 5038),
  };
}

/** A server that listens everywhere is reached here. */
function reachable(address: string): string {
  if (['0.0.0.0', '::', '[::]'].includes(address)) return '127.0.0.1';
  return address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
}

function siteOf(read: ReadSite) {
  const isFreePbx = read(FREEPBX['pjsip.conf'] ?? '') !== null;
  const nameOf = (file: string): string => (isFreePbx ? (FREEPBX[file] ?? file) : file);
  const texts = new Map<string, { readonly before: string | null; after: string }>();
  return {
    nameOf,
    edit(file: string, work: (text: string) => string): void {
      const name = nameOf(file);
      const before = texts.get(name)?.before ?? read(name);
      const now = texts.get(name)?.after ?? plain(before ?? '');
      texts.set(name, { before, after: work(now) });
    },
    changes: (): readonly SiteChange[] =>
      [...texts].flatMap(([file, { before, after }]) => (before === after ? [] : [{ file, before, after }])),
  };
}

/** At the end. A last line without its end keeps being the last one without. */
function withLine(text: string, line: string): string {
  const added = `${line} ${MARK}`;
  return text === '' || text.endsWith('\n') ? `${text}${added}\n` : `${text}\n${added}`;
}

/** As the first line of a section, which is made where it is missing. */
function withLineIn(text: string, section: string, line: string): string {
  const lines = text.split('\n');
  const at = lines.findIndex((each) => isHeader(each, section));
  if (at < 0) return withLine(withLine(text, `[${section}]`), line);
  // What is added later stands behind what was added before.
  const later = lines.slice(at + 1).findIndex((each) => !each.endsWith(MARK));
  const place = later < 0 ? lines.length : at + 1 + later;
  return lines.toSpliced(place, 0, `${line} ${MARK}`).join('\n');
}

/** As the last line of a section that is there: of two contexts that have a number, the one that is included first has the call. */
function withLineBehind(text: string, section: string, line: string): string {
  const lines = text.split('\n');
  const start = lines.findIndex((each) => isHeader(each, section));
  const length = lines.slice(start + 1).findIndex((each) => /^\s*[[#]/.test(each));
  const end = length < 0 ? lines.length : start + 1 + length;
  // What stands between two sections belongs to the later one, and what is included has sections of its own.
  const last = lines.slice(0, end).findLastIndex((each) => !/^\s*(?:;.*)?$/.test(each));
  return lines.toSpliced(last + 1, 0, `${line} ${MARK}`).join('\n');
}

/** `enabled` holds, whatever was said of it; of the others what is missing. */
function withSettings(text: string, section: string, settings: Readonly<Record<string, string>>): string {
  let now = text;
  for (const [key, value] of Object.entries(settings)) {
    const said = valueOf(now, section, key);
    if (said === undefined) now = withLineIn(now, section, `${key} = ${value}`);
    else if (key === 'enabled' && !/^(?:yes|true|y|t|1|on)$/i.test(said)) now = instead(now, section, key, value);
  }
  return now;
}

function instead(text: string, section: string, key: string, value: string): string {
  const lines = text.split('\n');
  const at = placeOf(lines, section, key);
  return lines.with(at, `${key} = ${value} ${INSTEAD_OF} ${lines[at] ?? ''}`).join('\n');
}

function plain(text: string): string {
  const lines = text.split('\n').flatMap((line) => {
    const at = line.indexOf(INSTEAD_OF);
    if (at >= 0) return line.slice(at + INSTEAD_OF.length + 1);
    return line.endsWith(MARK) ? [] : line;
  });
  return lines.join('\n');
}

function valueOf(text: string, section: string, key: string): string | undefined {
  const lines = text.split('\n');
  const line = lines[placeOf(lines, section, key)];
  return line?.replace(/;.*$/, '').split(/=>?/)[1]?.trim();
}

/** The last line that says it, in any section of this name; -1 when none does. */
function placeOf(lines: readonly string[], section: string, key: string): number {
  let isInside = false;
  let place = -1;
  for (const [at, line] of lines.entries()) {
    if (/^\s*\[/.test(line)) isInside = isHeader(line, section);
    else if (isInside && new RegExp(`^\\s*${key}\\s*=`, 'i').test(line)) place = at;
  }
  return place;
}

function hasSection(text: string, section: string): boolean {
  return text.split('\n').some((line) => isHeader(line, section));
}

function isHeader(line: string, section: string): boolean {
  return /^\s*\[([^\]]*)\]/.exec(line)?.[1] === section;
}
