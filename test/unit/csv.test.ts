import { expect } from 'chai';
import fc from 'fast-check';
import { guarded, unguarded } from '../../src/csv/guard.ts';
import { readCsv, type Csv } from '../../src/csv/readCsv.ts';
import { writeCsv } from '../../src/csv/writeCsv.ts';

const read = (text: string): Csv => readCsv(Buffer.from(text));
const rows = ({ header, lines }: Csv): unknown => [header?.cells, ...lines.map(({ cells }) => cells)];
const mistakes = (text: string | Buffer): readonly string[] =>
  readCsv(Buffer.from(text)).mistakes.map(({ line, message }) => `${line}: ${message}`);

describe('A table in a file', () => {
  it('is read whatever separates its cells and ends its lines', () => {
    const expected = [
      ['extension', 'name'],
      ['1500', 'Lee, Ann; "Annie"\u00a0Ω'],
      ['1501', ''],
    ];
    for (const delimiter of [',', ';', '\t'])
      for (const end of ['\n', '\r\n', '\r'])
        for (const [before, after] of [
          ['', ''],
          ['\uFEFF', end],
        ]) {
          const lines = ['extension,name', '1500,"Lee, Ann; ""Annie""\u00a0Ω"', '"1501",'];
          const [first = '', ...rest] = lines.map((line) => line.replace(/,(?! )/, delimiter));
          const csv = read(`${before}${[first, ...rest].join(end)}${after}`);
          expect(csv.mistakes).to.deep.equal([]);
          expect(rows(csv)).to.deep.equal(expected);
          expect(csv.lines.map(({ number }) => number)).to.deep.equal([2, 3]);
        }
  });

  it('is not read at all when it is so long that everybody would wait for it', () => {
    expect(mistakes(`a,b\n${'1,2\n'.repeat(1_000_000)}`)).to.deep.equal([
      '10002: a file has at most 10000 lines: make two of it',
    ]);
    expect(mistakes(`a\n${'"'.repeat(3_000_000)}`)).to.deep.equal(['2: a line has at most 100000 characters']);
    expect(mistakes(`${'a,'.repeat(501)}\n1`)).to.deep.equal(['1: a file has at most 500 columns']);
  });

  it('says of each line that it cannot read which one it is, and reads the others', () => {
    const csv = read('a,b\n1,"x\n2,y\n\n3\n4,5,6\n7,"8" 9\n10,1"1\n,\n12,13');
    expect(csv.mistakes.map(({ line }) => line)).to.deep.equal([2, 4, 5, 6, 7, 8, 9]);
    expect(csv.lines.map(({ cells }) => cells)).to.deep.equal([
      ['2', 'y'],
      ['12', '13'],
    ]);
    expect(new Set(csv.mistakes.map(({ message }) => message))).to.have.length(6);
  });

  it('is read as spreadsheets save it: in UTF-8, in UTF-16 or in Windows-1252, and with what names the separator', () => {
    const text = 'extension;name\n1500;Jürgen – €\n';
    const big = Buffer.from(`\uFEFF${text}`, 'utf16le').swap16();
    const windows = Buffer.from(text.replace('€', '\u0080').replace('–', '\u0096'), 'latin1');
    for (const bytes of [Buffer.from(text), Buffer.from(`\uFEFF${text}`, 'utf16le'), big, windows])
      expect(rows(readCsv(bytes))).to.deep.equal([
        ['extension', 'name'],
        ['1500', 'Jürgen – €'],
      ]);
    const named = read(`sep=;\r\n${text}x;y;z\n`);
    expect(named.lines.map(({ number, cells }) => [number, ...cells])).to.deep.equal([[3, '1500', 'Jürgen – €']]);
    expect(named.mistakes.map(({ line }) => line)).to.deep.equal([4]);
  });

  it('without a line, or without anything, says so', () => {
    expect(mistakes('')).to.deep.equal(['1: the file is empty: the first line names the columns']);
    expect(mistakes('\n1500,Ann\n')[0]).to.match(/^1: the first line is empty/);
    expect(mistakes('extension,name\n')).to.deep.equal(['1: there is no line after the header']);
  });

  it('is not a workbook, which is said in one line', () => {
    for (const bytes of [Buffer.from('PK\u0003\u0004\u0014'), Buffer.from('d0cf11e0a1b11ae1', 'hex')])
      expect(mistakes(bytes)).to.deep.equal([
        '1: this is a workbook, not a table in text: save it as CSV in the spreadsheet, and choose that file',
      ]);
  });

  it('holds no formula, and comes back as it was', () => {
    expect(guarded('=cmd|x')).to.equal("'=cmd|x");
    expect(guarded("'=x")).to.equal("''=x");
    expect(guarded('Ann - Lee')).to.equal('Ann - Lee');
    const cell = fc.oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[=+\-@'"＝,; ]{1,8}x?$/));
    fc.assert(
      fc.property(cell, (text) => {
        expect(guarded(text)).not.to.match(/^[=+\-@\t\r\n＝＋－＠]/);
        expect(unguarded(guarded(text))).to.equal(text);
      }),
    );
    const clean = cell.map((text) => text.replace(/[\p{Cc}\uFEFF]/gu, '').trim());
    fc.assert(
      fc.property(fc.array(clean, { minLength: 1, maxLength: 4 }), (cells) => {
        const row = ['1500', ...cells];
        const header = row.map((_, at) => `column ${at}`);
        expect(rows(read(writeCsv(header, [row])))).to.deep.equal([header, row]);
      }),
    );
  });
});
