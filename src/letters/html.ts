import { pageOf, type Letter, type Page } from './letter.ts';
import type { Passage } from './words/words.ts';

const LONG_NAME = 60;
/** Points inside the two columns of what is keyed in. */
const COLUMNS = [148, 238];
const LARGEST_DIGITS = 40;
/** Of the size of the font, with the space after it. */
const WIDEST_DIGIT = 0.76;

const STYLE = `
@page { margin: 16mm 22mm; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: #000; font: 11.5pt/1.4 "Noto Sans", "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
main { width: 162mm; max-width: 100%; margin: 12mm auto; overflow-wrap: anywhere; break-inside: avoid; }
main + main { break-before: page; }
header { font-size: 11pt; }
.rule { margin: 2.5mm 0 0; border: 0; border-top: 0.75pt solid #000; }
h1 { margin: 8mm 0 0; font-size: 24pt; line-height: 1.2; }
h1.long { font-size: 12pt; }
header, h1.long { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
.title { margin: 0 0 6mm; font-size: 14pt; }
dl { display: grid; grid-template-columns: 2fr 3fr; margin: 0 0 8mm; border: 1pt solid #000; }
dl div { padding: 3mm 6mm; min-width: 0; }
dl div + div { border-left: 1pt solid #000; }
dt { font-size: 11pt; }
dd { margin: 0; line-height: 1.2; font-weight: 600; letter-spacing: 0.04em; white-space: nowrap; font-variant-numeric: tabular-nums; }
ol { margin: 0; padding: 0; list-style: none; counter-reset: step; }
li { position: relative; counter-increment: step; padding-left: 13mm; margin-bottom: 5mm; }
li::before { content: counter(step); position: absolute; left: 0; top: -1.5mm; font-size: 22pt; line-height: 1.2; font-weight: 600; }
h2 { margin: 0; font-size: 12pt; line-height: 1.4; }
h1, h2, footer { font-weight: 600; }
p { margin: 0; }
section { border-top: 0.75pt solid #000; padding-top: 5mm; }
section p { margin-bottom: 5mm; }
footer { margin-top: 8mm; font-size: 9pt; }
@media print { main { width: auto; margin: 0; } }`;

/** A page to print for each letter, on A4 as on US Letter; it loads nothing and runs nothing. */
export function lettersAsHtml(letters: readonly Letter[]): string {
  const pages = letters.map(pageOf);
  const [first] = pages;
  return `<!doctype html>
<html lang="${first?.language ?? 'en'}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>${safe(first?.title ?? '')}</title>
<style>${STYLE}
</style>
</head>
<body>
${pages.map(pageAsHtml).join('\n')}
</body>
</html>
`;
}

function pageAsHtml({ language, organisation, name, title, facts, steps, notes, keep }: Page): string {
  const fact = ({ label, value }: Page['facts'][number], at: number): string =>
    `<div><dt>${safe(label)}</dt><dd style="font-size: ${largest(value, at)}pt">${safe(value)}</dd></div>`;
  const passage = ({ heading, text }: Passage): string => `<h2>${safe(heading)}</h2><p>${safe(text)}</p>`;
  return `<main lang="${language}">
<header>${person(organisation)}</header><hr class="rule">
<h1${[...name].length > LONG_NAME ? ' class="long"' : ''}>${person(name)}</h1>
<p class="title">${safe(title)}</p>
<dl>${facts.map(fact).join('')}</dl>
<ol>${steps.map((step) => `\n<li>${passage(step)}</li>`).join('')}
</ol>
<section>
${notes.map(passage).join('\n')}
</section>
<footer>${safe(keep)}</footer>
</main>`;
}

/** What somebody is called may run from right to left, and must turn nothing round but itself. */
function person(name: string): string {
  return `<bdi>${safe(name)}</bdi>`;
}

/** Points: the size at which these digits fill their column and no more, whatever the reader's fonts. */
function largest(digits: string, column: number): number {
  const size = (COLUMNS[column] ?? 0) / (digits.length * WIDEST_DIGIT);
  return Math.floor(Math.min(size, LARGEST_DIGITS));
}

function safe(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
