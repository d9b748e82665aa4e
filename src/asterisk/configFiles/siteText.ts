/** Ends each line that is added to a file of the administrator's: by it they are found again, and taken out. */
const MARK = '; put in by selfprov';
/** Ends a line that took the place of the one behind it. */
const INSTEAD_OF = '; put in by selfprov, instead of:';
/** Some editors add to the ends of lines. */
const MARKED = /\s*; put in by selfprov\s*$/;

/** At the end. A last line without its end keeps being the last one without. */
export function withLine(text: string, line: string): string {
  const added = `${line} ${MARK}`;
  return text === '' || text.endsWith('\n') ? `${text}${added}\n` : `${text}\n${added}`;
}

/** As the first line of a section, which is made where it is missing; `isOpen`: what the file begins with belongs to it. */
export function withLineIn(text: string, section: string, line: string, isOpen = false): string {
  const lines = text.split('\n');
  const at = headerAt(lines, section);
  if (at < 0 && isOpen) return text === '' ? `${line} ${MARK}\n` : `${line} ${MARK}\n${text}`;
  if (at < 0) return withLine(withLine(text, `[${section}]`), line);
  // What is added later stands behind what was added before.
  const later = lines.slice(at + 1).findIndex((each) => !isMarked(each));
  const place = later < 0 ? lines.length : at + 1 + later;
  return lines.toSpliced(place, 0, `${line} ${MARK}`).join('\n');
}

/** As the last line of a section that is there: of two contexts that have a number, the one that is included first has the call. */
export function withLineBehind(text: string, section: string, line: string): string {
  const lines = text.split('\n');
  const start = headerAt(lines, section);
  const length = lines.slice(start + 1).findIndex((each) => /^\s*[[#]/.test(each));
  const end = length < 0 ? lines.length : start + 1 + length;
  // What stands between two sections belongs to the later one, and what is included has sections of its own.
  const last = lines.slice(0, end).findLastIndex((each) => !/^\s*(?:;.*)?$/.test(each));
  return lines.toSpliced(last + 1, 0, `${line} ${MARK}`).join('\n');
}

/** Takes the place of the last line that says it. */
export function instead(text: string, section: string, key: string, value: string): string {
  const lines = text.split('\n');
  const at = placeOf(lines, section, key);
  return lines.with(at, `${key} = ${value} ${INSTEAD_OF} ${lines[at] ?? ''}`).join('\n');
}

/** Without any line of ours, but for the header of a section that has got lines of others since. */
export function plain(text: string): string {
  const all = text.split('\n');
  const lines = all.flatMap((line, at) => {
    const instead = line.indexOf(INSTEAD_OF);
    if (instead >= 0) return line.slice(instead + INSTEAD_OF.length + 1);
    if (!isMarked(line)) return line;
    if (nameIn(line) === undefined) return [];
    const next = all.slice(at + 1).findIndex((each) => nameIn(each) !== undefined);
    const inside = all.slice(at + 1, next < 0 ? all.length : at + 1 + next);
    return inside.some((each) => !isMarked(each) && !/^\s*(?:;.*)?$/.test(each)) ? line.replace(MARKED, '') : [];
  });
  return lines.join('\n');
}

/** Whether somebody has written this line by hand already. */
export function hasLine(text: string, line: string): boolean {
  return text.split('\n').some((each) => each.replace(/;.*$/, '').trim() === line);
}

export function valueOf(text: string, section: string, key: string): string | undefined {
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

export function hasSection(text: string, section: string): boolean {
  return headerAt(text.split('\n'), section) >= 0;
}

/** The section that a line stands in, by what the line matches; `null` before the first one, `undefined` when there is no such line. */
export function sectionAt(text: string, line: RegExp): string | null | undefined {
  const lines = text.split('\n');
  const at = lines.findIndex((each) => line.test(each));
  if (at < 0) return undefined;
  return (
    lines
      .slice(0, at)
      .flatMap((each) => nameIn(each) ?? [])
      .at(-1) ?? null
  );
}

/** Where a section begins; -1 where there is none but in a comment of several lines (`;--` to `--;`). */
function headerAt(lines: readonly string[], section: string): number {
  let isComment = false;
  for (const [at, line] of lines.entries()) {
    if (!isComment && isHeader(line, section)) return at;
    if (!isComment && /^\s*;--(?!-)/.test(line)) isComment = !/--;/.test(line);
    else if (isComment && line.includes('--;')) isComment = false;
  }
  return -1;
}

function isMarked(line: string): boolean {
  return MARKED.test(line);
}

function isHeader(line: string, section: string): boolean {
  return nameIn(line) === section;
}

function nameIn(line: string): string | undefined {
  return /^\s*\[([^\]]*)\]/.exec(line)?.[1];
}
