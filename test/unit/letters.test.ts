import { expect } from 'chai';
import { Secret } from '../../src/domain/secret.ts';
import { unprintable } from '../../src/letters/font.ts';
import { lettersAsHtml } from '../../src/letters/html.ts';
import { pageOf, type Letter } from '../../src/letters/letter.ts';
import { PAPERS, type Paper } from '../../src/letters/paper.ts';
import { lettersAsPdf } from '../../src/letters/pdf.ts';
import { LANGUAGES, languageOf, type Language } from '../../src/letters/words/languages.ts';
import type { SecretKind } from '../../src/letters/words/words.ts';
import { plain, readPdf, wordsOf } from '../support/pdfText.ts';

const LANGUAGE_NAMES = Object.keys(LANGUAGES) as readonly Language[];
const KINDS: readonly SecretKind[] = ['pin', 'code'];

function letter(change: Partial<Letter> = {}, kind: SecretKind = 'pin', secret = '940273'): Letter {
  return {
    language: 'en',
    organisation: 'Stadtwerke Köln',
    name: 'Zoë Ångström',
    extension: '1500',
    secret: { kind, text: new Secret(secret) },
    setUp: '*55',
    giveBack: '*56',
    label: 'Dial *55 to set up',
    ...change,
  };
}

/** The longest that everything may be, in letters that are wide and have no place to break. */
const longest = (language: Language, kind: SecretKind): Letter =>
  letter(
    {
      language,
      name: 'W'.repeat(200),
      organisation: 'M'.repeat(200),
      extension: '88888888888888888888',
      setUp: '*'.repeat(20),
      giveBack: '#'.repeat(20),
      label: `Dial ${'*'.repeat(20)} to set up`,
    },
    kind,
    '940273940273',
  );

const textsOf = (one: Letter): readonly string[] => {
  const { organisation, name, title, facts, steps, notes, keep } = pageOf(one);
  const passages = [...steps, ...notes].flatMap(({ heading, text }) => [heading, text]);
  return [organisation, name, title, ...facts.flatMap(({ label, value }) => [label, value]), ...passages, keep];
};

describe('A letter', () => {
  it('says the same things in every language, and names the same numbers', () => {
    const marks = (value: unknown): unknown =>
      typeof value === 'string'
        ? (value.match(/\{\w+\}|#/g) ?? []).toSorted()
        : Object.fromEntries(Object.entries(value as object).map(([key, part]) => [key, marks(part)]));
    const empty = (value: unknown): boolean =>
      typeof value === 'string' ? value.trim() === '' : Object.values(value as object).some(empty);
    for (const language of LANGUAGE_NAMES) {
      expect(marks(LANGUAGES[language]), language).to.deep.equal(marks(LANGUAGES.en));
      expect(empty(LANGUAGES[language]), language).to.equal(false);
    }
  });

  for (const language of LANGUAGE_NAMES)
    for (const kind of KINDS)
      it(`has everything on its page, in HTML as in PDF: ${language}, ${kind}`, async () => {
        const one = letter({ language }, kind);
        const html = plain(
          lettersAsHtml([one])
            .replace(/<style>.*<\/style>/s, '')
            .replace(/<[^>]*>/g, ' '),
        );
        const [page = []] = readPdf(await lettersAsPdf([one], 'a4'));
        const pdf = wordsOf(page);
        for (const text of textsOf(one)) {
          expect(text).not.to.match(/[{}]/);
          expect(pdf).to.contain(plain(text));
          expect(html).to.contain(plain(text));
        }
        expect(pageOf(one).steps).to.have.length(4);
        expect(`${pdf} ${html}`).to.contain('Dial *55 to set up').and.to.contain('*56');
      });

  it('with a PIN asks for extension and PIN, and with a code for the code and nothing else', () => {
    const step = (kind: SecretKind): string => pageOf(letter({}, kind)).steps[3]?.text ?? '';
    expect(step('pin')).to.contain('1500').and.to.contain('PIN');
    expect(step('code'))
      .to.contain('code')
      .and.not.to.match(/1500|PIN|extension/i);
  });

  for (const paper of Object.keys(PAPERS) as readonly Paper[])
    it(`fits one page of ${paper}, however long the names are, and nothing covers anything`, async () => {
      const all = LANGUAGE_NAMES.flatMap((language) => KINDS.map((kind) => longest(language, kind)));
      const pages = readPdf(await lettersAsPdf(all, paper));
      expect(pages).to.have.length(all.length);
      for (const [at, runs] of pages.entries()) {
        const last = runs.at(-1);
        for (const { text, x, y, size } of runs.slice(0, -1)) {
          expect(y - size / 2, text).to.be.greaterThan((last?.y ?? 0) + (last?.size ?? 0));
          expect(y + size, text).to.be.lessThan(PAPERS[paper].height);
          expect(x, text).to.be.within(36, PAPERS[paper].width - 36);
        }
        const { extension, secret } = all[at] ?? letter();
        const shown = runs.map(({ text }) => text.replace(/[ \u00a0]/g, ''));
        expect(shown).to.include.members([extension, secret.text.reveal()]);
      }
    });

  it('shows the PIN larger than anything else', async () => {
    const [runs = []] = readPdf(await lettersAsPdf([letter()], 'a4'));
    const pin = runs.find(({ text }) => text === '940273');
    expect(runs.filter(({ text, size }) => text !== '1500' && size >= (pin?.size ?? 0))).to.deep.equal([pin]);
  });

  it('writes names of Latin, Greek, Cyrillic and Devanagari as they are', async () => {
    for (const name of ['Nguyễn Thị Ánh', 'Łukasz Żółć', 'Γιώργος Ψαρράς', 'Анна Їжак', 'Ђорђе', 'O’Brien']) {
      expect(unprintable(name), name).to.deep.equal([]);
      const [page = []] = readPdf(await lettersAsPdf([letter({ name })], 'a4'));
      expect(wordsOf(page)).to.contain(name);
    }
    expect(unprintable('अनीता')).to.deep.equal([]);
  });

  it('knows which characters its font would print as boxes', () => {
    expect(unprintable('李明 Li')).to.deep.equal(['李', '明']);
    expect(unprintable('שרה')).to.deep.equal(['ש', 'ר', 'ה']);
    expect(unprintable('Ann 🙂')).to.deep.equal(['🙂']);
    expect(unprintable('\ud800')).to.deep.equal(['\ud800']);
  });

  it('in HTML takes no name for anything but a name', () => {
    const tags = (html: string): readonly string[] => html.match(/<[^>]*>/g) ?? [];
    const usual = tags(lettersAsHtml([letter()]));
    for (const name of [
      '<script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      "'; </style><b>",
      '<!-- -->',
      '&lt;b&gt;',
      '</bdi></h1>',
    ]) {
      const html = lettersAsHtml([letter({ name, organisation: name })]);
      expect(tags(html), name).to.deep.equal(usual);
      const read = html.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
      expect(read).to.contain(`<h1><bdi>${name}</bdi></h1>`);
    }
  });

  it('in HTML keeps what runs from right to left within the name', () => {
    expect(lettersAsHtml([letter({ name: '\u202eevil' })])).to.contain('<bdi>\u202eevil</bdi>');
  });

  it('in HTML loads nothing, and begins a page for each', () => {
    const html = lettersAsHtml([letter(), letter({ language: 'de' })]);
    expect(html)
      .to.contain("default-src 'none'")
      .and.not.to.match(/src=|href=|url\(|@import/);
    expect(html.match(/<main /g)).to.have.length(2);
    expect(html).to.contain('break-before: page').and.to.contain('<main lang="de">');
  });

  it('is in the language of a tag, whatever else the tag says', () => {
    expect(['de', 'de-AT', 'FR', 'pt-BR', '', 'constructor'].map(languageOf)).to.deep.equal([
      'de',
      'de',
      'fr',
      ...Array.from({ length: 3 }, () => undefined),
    ]);
  });
});
