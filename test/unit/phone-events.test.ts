import { expect } from 'chai';
import { inWords, reasonOf, shownUrl } from '../../src/virtualPhone/phoneEvents.ts';
import { readers } from '../../src/virtualPhone/readers/readers.ts';

describe('What a phone without hardware shows', () => {
  it('is a URL without its token and its credentials', () => {
    expect(shownUrl('http://192.0.2.10:8480/p/the-token/001565aabbcc.cfg')).to.equal(
      'http://192.0.2.10:8480/p/…/001565aabbcc.cfg',
    );
    expect(shownUrl('https://ann:secret@pbx.example/prefix/p/the-token/')).to.equal('https://pbx.example/prefix/p/…/');
    expect(inWords({ event: 'fetched', url: 'tftp://192.0.2.10/p/the-token/a.cfg', status: 200 })).not.to.include(
      'the-token',
    );
  });

  it('is why a file could not be read, but not the password that stands there', () => {
    const WRONG = {
      yealink: '#!version:1.0.0.1\naccount.1.password s3cret',
      mitel: 'sip line1 password = s3cret',
      snom: '<settings><user_pass idx="1">s3cret</user_pass>',
    };
    for (const [family, file] of Object.entries(WRONG)) expect(reasonOf(errorOf(family, file))).to.match(/^not /);
    for (const [family, file] of Object.entries(WRONG))
      expect(reasonOf(errorOf(family, file))).not.to.include('s3cret');
  });

  it('is what the user agent refuses, but not what it was told', () => {
    const refused = new Error('baresip refuses "uanew <sip:1500@pbx>;auth_pass=s3cret": no such transport');
    expect(reasonOf(refused)).to.equal('baresip refuses "…": no such transport');
  });
});

function errorOf(family: string, file: string): unknown {
  try {
    readers[family]?.parse(file);
  } catch (error) {
    return error;
  }
  throw new Error(`a ${family} reads it`);
}
