import { expect } from 'chai';
import { heldSettings, partOf, phraseIn, titleIn } from '../../src/page/apiWords.ts';

describe('What the API says in a few words, on a German page', () => {
  it('is German before names, which stay', () => {
    expect(phraseIn('de', 'profile Default new phones')).to.equal('Profil Default new phones');
    expect(phraseIn('de', 'another version than 66.86, being picked (3)')).to.equal(
      'andere Version als 66.86, ausgewählt (3)',
    );
    expect(phraseIn('de', 'allowed')).to.equal('allowed');
    expect(phraseIn('en', 'all')).to.equal('all phones');
    expect(partOf('de', 'accounts pbx2')).to.equal('Konten bei Asterisk pbx2');
    expect(partOf('de', 'something')).to.equal('something');
    expect(heldSettings('de', [{ name: '1500 codecs', value: 'alaw', from: 'tenant default' }])).to.deep.equal([
      { name: '1500 Codecs, der beste zuerst', value: 'alaw', from: 'Mandant default' },
    ]);
  });

  it('is German in titles of families, but for names of products', () => {
    expect(titleIn('de', 'Yealink T, CP and VP phones')).to.equal('Yealink T, CP und VP-Telefone');
    expect(titleIn('de', 'Akuvox phones and intercoms')).to.equal('Akuvox-Telefone und Sprechstellen');
    expect(titleIn('en', 'Avaya J100 (J129 to J189)')).to.equal('Avaya J100 (J129 to J189)');
  });
});
