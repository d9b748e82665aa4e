import { SelfprovError } from '../../domain/errors.ts';
import type { SiteChange } from '../../domain/siteChange.ts';
import type { IncludeLine } from './asteriskFiles.ts';
import {
  hasLine,
  hasSection,
  instead,
  plain,
  sectionAt,
  valueOf,
  withLine,
  withLineBehind,
  withLineIn,
} from './siteText.ts';

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
  /** Where calls of each tenant's users start, and the context of selfprov's own that belongs there; the first tenant's first. */
  readonly contexts: readonly { readonly users: string; readonly own: string }[];
}

/**
 * Files that FreePBX writes anew whenever it is told to, each with the one that it includes for others to write: core's
 * `functions.inc/drivers/PJSip.class.php` and `etc`, framework's `amp_conf/astetc`, arimanager's `etc`.
 */
const LEFT_TO_OTHERS: Readonly<Record<string, string>> = {
  'pjsip.conf': 'pjsip.endpoint_custom_post.conf',
  'extensions.conf': 'extensions_custom.conf',
  'manager.conf': 'manager_custom.conf',
  'extconfig.conf': 'extconfig_custom.conf',
  'http.conf': 'http_custom.conf',
  'ari.conf': 'ari_additional_custom.conf',
  'res_odbc.conf': 'res_odbc_custom.conf',
};

/**
 * How the snippets become part of these files. Applied twice it is the same as once; `takenOut` gives them back byte by byte.
 * Throws `not_found` where the users' context is not there.
 */
export function putIn(read: ReadSite, { includes, contexts }: Wanted): readonly SiteChange[] {
  const site = siteOf(read);
  // Before what comes to the end of the file, which has contexts of its own.
  for (const { users, own } of contexts) includeInContext(site, users, `include => ${own}`);
  for (const { file, section, line } of includes) {
    if (file === 'http.conf') continue;
    const { name, isOpen } = site.placeOf(file, section);
    if (hasLine(site.now(name), line)) continue;
    site.edit(name, (text) => (section === null ? withLine(text, line) : withLineIn(text, section, line, isOpen)));
  }
  setIn(site, 'http.conf', { enabled: 'yes', bindaddr: '127.0.0.1', bindport: '8088' });
  setIn(site, 'ari.conf', { enabled: 'yes' });
  setIn(site, 'manager.conf', { enabled: 'yes' });
  return site.changes();
}

/** A context that another program writes can have one beside it that it includes, and leaves to others. */
function includeInContext(site: Site, context: string, line: string): void {
  const { name } = site.placeOf('extensions.conf', null);
  const all = site.whole('extensions.conf');
  const others = `${context}-custom`;
  if (hasLine(site.now(name), line)) return;
  if (hasSection(site.now(name), context)) site.edit(name, (text) => withLineBehind(text, context, line));
  else if (
    hasSection(all, context) &&
    all.split('\n').some((each) => /^\s*include\s*=>?\s*([\w-]+)/.exec(each)?.[1] === others)
  )
    site.edit(name, (text) =>
      hasSection(text, others) ? withLineBehind(text, others, line) : withLineIn(text, others, line),
    );
  else
    throw new SelfprovError(
      'not_found',
      `${name} has no context [${context}]: say which one the calls of your users start in (SELFPROV_USERS_CONTEXT before the first time, then selfprov tenant set --context)`,
    );
}

/** `enabled` holds, whatever was said of it; of the others what is missing. */
function setIn(site: Site, file: string, settings: Readonly<Record<string, string>>): void {
  const { name } = site.placeOf(file, null);
  for (const [key, value] of Object.entries(settings)) {
    const said = valueOf(site.whole(file), 'general', key);
    const isWrong = key === 'enabled' && said !== undefined && !/^(?:yes|true|y|t|1|on)$/i.test(said);
    const isOwn = valueOf(site.now(name), 'general', key) !== undefined;
    if (isWrong && !isOwn)
      throw new SelfprovError(
        'invalid',
        `${file} is written by another program, which says ${key} = ${said}: switch it on there, and do this again`,
      );
    if (isWrong) site.edit(name, (text) => instead(text, 'general', key, value));
    // What was shut listens nowhere but here, unless it was said where.
    if (
      file === 'manager.conf' &&
      key === 'enabled' &&
      (isWrong || said === undefined) &&
      name === file &&
      valueOf(site.now(name), 'general', 'bindaddr') === undefined
    )
      site.edit(name, (text) => withLineIn(text, 'general', 'bindaddr = 127.0.0.1'));
    // A second section of a name is read by nobody.
    else if (said === undefined && name === file)
      site.edit(name, (text) => withLineIn(text, 'general', `${key} = ${value}`));
  }
}

/** Numbers that a context of the site's own has by themselves, and not by a pattern, with what the first step of each does. */
export function numbersIn(
  read: ReadSite,
): ReadonlyMap<string, { readonly context: string; readonly application: string }> {
  const found = new Map<string, { readonly context: string; readonly application: string }>();
  let context = '';
  for (const line of withIncludes(read, 'extensions.conf').split('\n')) {
    context = /^\s*\[([^\]]*)\]/.exec(line)?.[1] ?? context;
    const [, number = '', application = ''] =
      /^\s*exten\s*=>?\s*([\d*#]+)\s*,\s*(?:1|n)\b[^,]*,\s*(\w+)/i.exec(line) ?? [];
    if (number !== '' && !context.startsWith('selfprov-') && !found.has(number))
      found.set(number, { context, application });
  }
  return found;
}

/** Whether the dialplan of the site has this context, as far as its files include each other by name. */
export function hasContext(read: ReadSite, context: string): boolean {
  return hasSection(withIncludes(read, 'extensions.conf'), context);
}

/** Whether the site has an endpoint of the name that NOTIFYs are sent from: a second one would have Asterisk refuse the file. */
export function hasOutboundEndpoint(read: ReadSite): boolean {
  return hasSection(withIncludes(read, 'pjsip.conf'), 'default_outbound_endpoint');
}

/** Contexts that endpoints of the site's own start their calls in, and how many; the one of most first. */
export function startContexts(read: ReadSite): ReadonlyMap<string, number> {
  const templates = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const section of withIncludes(read, 'pjsip.conf').split(/^(?=[ \t]*\[)/m)) {
    const [, name, words = ''] = /^\s*\[([^\]]*)\](?:\(([^)]*)\))?/.exec(section) ?? [];
    if (name === undefined) continue;
    const parts = words.split(',').map((word) => word.trim());
    const inherited = parts.flatMap((part) => templates.get(part) ?? []).at(-1);
    const context = /^\s*context\s*=>?\s*([\w-]+)/im.exec(section)?.[1] ?? inherited;
    if (context === undefined) continue;
    if (parts.includes('!')) templates.set(name, context);
    else counts.set(context, (counts.get(context) ?? 0) + 1);
  }
  return new Map([...counts].toSorted(([, one], [, other]) => other - one));
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
  const of = (file: string, key: string): string | undefined => valueOf(withIncludes(read, file), 'general', key);
  const http = of('http.conf', 'bindaddr') ?? '127.0.0.1';
  const ami = of('manager.conf', 'bindaddr') ?? '127.0.0.1';
  const prefix = of('http.conf', 'prefix') ?? '';
  return {
    ariUrl: `http://${reachable(http)}:${of('http.conf', 'bindport') ?? '8088'}${prefix === '' ? '' : `/${prefix}`}`,
    amiHost: reachable(ami),
    amiPort: Number(of('manager.conf', 'port') ?? 5038),
  };
}

/** A server that listens everywhere is reached here. */
function reachable(address: string): string {
  if (['0.0.0.0', '::', '[::]'].includes(address)) return '127.0.0.1';
  return address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
}

type Site = ReturnType<typeof siteOf>;

function siteOf(read: ReadSite) {
  const texts = new Map<string, { readonly before: string | null; after: string }>();
  const now = (file: string): string => texts.get(file)?.after ?? plain(read(file) ?? '');
  return {
    now,
    /** What Asterisk reads of a file of its own, with what that includes. */
    whole: (file: string): string =>
      withIncludes((name) => (read(name) === null && !texts.has(name) ? null : now(name)), file),
    /** Which file is for others to write, and whether what it begins with belongs to the section. */
    placeOf(file: string, section: string | null): { readonly name: string; readonly isOpen: boolean } {
      const name = LEFT_TO_OTHERS[file] ?? file;
      const around = sectionAt(read(file) ?? '', includeOf(name));
      return around === undefined ? { name: file, isOpen: false } : { name, isOpen: around === section };
    },
    edit(file: string, work: (text: string) => string): void {
      texts.set(file, { before: texts.get(file)?.before ?? read(file), after: work(now(file)) });
    },
    changes: (): readonly SiteChange[] =>
      [...texts].flatMap(([file, { before, after }]) => (before === after ? [] : [{ file, before, after }])),
  };
}

function includeOf(name: string): RegExp {
  return new RegExp(`^\\s*#(?:try)?include\\s+["<]?${name.replaceAll('.', '\\.')}[">]?\\s*(?:;.*)?$`);
}

const DEEPEST = 5;

/** What is included from elsewhere is not the site's own, and ours is not there yet. */
function withIncludes(read: ReadSite, file: string, depth = 0): string {
  const text = read(file) ?? '';
  if (depth === DEEPEST) return text;
  return text.replaceAll(/^[ \t]*#(?:try)?include[ \t]+["<]?([\w.-]+)[">]?[ \t]*(?:;.*)?$/gm, (_, name: string) =>
    withIncludes(read, name, depth + 1),
  );
}
