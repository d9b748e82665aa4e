import { expect } from 'chai';
import * as fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { encode, ESCAPES } from '../../src/phones/template/formats.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 200 });
/** What people call themselves, traps included. */
const names = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', "'", '<', '&', '>', '%', '$', ';', '=', '\\', '{', '}', '#', ' ', '😀', 'ש'),
    fc.string({ minLength: 1, maxLength: 1 }),
  ),
  maxLength: 200,
});

describe('A value in a file', () => {
  it('can never start a new line, whatever the format', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom(...Object.values(ESCAPES)), (text, escape) => {
        expect(escape(text)).not.to.match(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
      }),
    );
  });

  it('of a line format stays as it is when it has no control characters', () => {
    fc.assert(fc.property(names, (text) => void expect(ESCAPES.line(text)).to.equal(text)));
    expect(ESCAPES.line('Ann\r\nadmin = 1\0')).to.equal('Ann admin = 1 ');
  });

  it('between double quotes cannot close them', () => {
    fc.assert(fc.property(names, (text) => void expect(ESCAPES.quoted(text)).to.equal(text.replaceAll('"', "'"))));
  });

  it('of XML comes back from a parser as it was, as text and as attribute', () => {
    const parser = new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: '',
      parseTagValue: false,
      trimValues: false,
      processEntities: true,
    });
    fc.assert(
      fc.property(names, (text) => {
        const value = `x${text}x`;
        const parsed = parser.parse(`<a b="${ESCAPES.xml(value)}">${ESCAPES.xml(value)}</a>`) as {
          readonly a: { readonly b: string; readonly '#text': string };
        };
        expect(parsed.a.b).to.equal(value);
        expect(parsed.a['#text']).to.equal(value);
      }),
    );
  });

  it('of XML has only characters that XML has', () => {
    fc.assert(
      fc.property(
        anyText,
        (text) => void expect(ESCAPES.xml(text)).to.match(/^[\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u),
      ),
    );
  });

  it('of JSON comes back as it was', () => {
    fc.assert(fc.property(names, (text) => void expect(JSON.parse(`"${ESCAPES.json(text)}"`)).to.equal(text)));
  });

  it('outside of ISO 8859-1 is written as a reference in XML and as a question mark elsewhere', () => {
    expect(encode('Zoë ש😀', 'iso-8859-1', 'xml')).to.deep.equal(Buffer.from('Zo\xeb &#1513;&#128512;', 'latin1'));
    expect(encode('Zoë ש😀', 'iso-8859-1', 'line')).to.deep.equal(Buffer.from('Zo\xeb ??', 'latin1'));
    expect(encode('Zoë', 'utf-8', 'line')).to.deep.equal(Buffer.from('Zoë'));
  });
});
