import { expect } from 'chai';
import fc from 'fast-check';
import { readTarget } from '../../src/provisioning/files/requestTarget.ts';
import { samples } from '../support/samples.ts';
import { runs } from '../support/runs.ts';

const TOKEN = 'AbCdEf23456789GhJkMnPqRs';
const FILE = '805ec0000001.cfg';

const read = (target: string): { token: string | undefined; path: string; loggable: string } => {
  const { token, path, loggable } = readTarget(target);
  return { token: token?.reveal(), path, loggable };
};

const letters = 'abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789';
const aToken = fc.string({ unit: fc.constantFrom(...letters), minLength: 24, maxLength: 24 });
/** Some of the characters are percent-encoded, all that cannot stand in a target are. */
const spelled = (text: string): fc.Arbitrary<string> =>
  fc
    .array(fc.nat({ max: 3 }), { minLength: text.length, maxLength: text.length })
    .map((dice) => [...text].map((sign, at) => (dice[at] === 0 ? encoded(sign) : sign)).join(''));
const encoded = (sign: string): string => `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`;
const slash = fc.constantFrom('/', '//', '/', '%2F', '%2f', '\\', '/%2f', '%5c');
const aPrefix = fc.oneof(
  fc.constantFrom(
    '',
    'http://pbx.example:8480',
    'HTTPS://[2001:db8::1]',
    'tftp://p',
    'prov',
    '/prov',
    '/a/b%20c/d',
    '/p',
    '/p/x',
  ),
  fc.string({ unit: fc.constantFrom(...'abcXYZ019.-_%/ '), maxLength: 30 }).map((text) => `/${text}`),
  aToken.map((token) => `/p/${token}`),
);

describe('What a phone asks for', () => {
  it('is read past whatever a proxy left before the token', () => {
    for (const target of [
      `/p/${TOKEN}/${FILE}`,
      `//p/${TOKEN}/${FILE}`,
      `/prov/p/${TOKEN}//${FILE}`,
      `/p/p/${TOKEN}/${FILE}`,
      `http://pbx.example:8480/p/${TOKEN}/${FILE}`,
      `http://pbx.example//prov/p/${TOKEN}/${FILE}`,
      `/http://pbx.example/p/${TOKEN}/${FILE}`,
      `p/${TOKEN}/${FILE}`,
      `\\p\\${TOKEN}\\${FILE}`,
      `/%70/${TOKEN}/${FILE}`,
      `/p%2F${TOKEN}%2f${FILE}`,
      `/p/${[...TOKEN].map(encoded).join('')}/805ec0000001%2Ecfg`,
    ]) {
      expect(read(target), target).to.deep.equal({ token: TOKEN, path: `/${FILE}`, loggable: `/${FILE}` });
    }
  });

  it('is read whatever the prefix and the spelling are, and the token is in nothing that is logged', () => {
    const asked = fc
      .tuple(aPrefix, aToken, slash, slash, slash, fc.constantFrom('', '?mac=805ec0000001', '?x=1'))
      .chain(([prefix, token, ...[one, two, three, query]]) =>
        fc.tuple(spelled('p'), spelled(token), spelled(FILE)).map(([p, hidden, file]) => ({
          token,
          target: `${prefix}${one}${p}${two}${hidden}${three}${file}${query}`,
        })),
      );
    fc.assert(
      fc.property(asked, ({ token, target }) => {
        const found = read(target);
        expect(found.token).to.equal(token);
        expect(found.path.split('?')[0]).to.equal(`/${FILE}`);
        expect(found.loggable).to.include(FILE).and.not.include(token);
      }),
      runs(400),
    );
  });

  it('never shows a token in a log, wherever it stands and however often it was encoded', () => {
    const places: readonly ((token: string) => string)[] = [
      (token) => `/${token}/${FILE}`,
      (token) => `/${token}`,
      (token) => `/${token}.cfg`,
      (token) => `/p/${token}`,
      (token) => `/P/${token}/${FILE}`,
      (token) => `/p/${token}-/${FILE}`,
      (token) => `/p/${token.repeat(3)}/${FILE}`,
      (token) => `/p/x/${token}/${FILE}`,
      (token) => `/${FILE}?token=${token}`,
      (token) => `/${FILE}?${token}`,
      (token) => `/${FILE}?from=http%3A%2F%2Fpbx%2Fp%2F${token}%2F`,
      (token) => `/${FILE}#/p/${token}/`,
      (token) => `/%zz/${token}/%ff`,
      (token) => `http://${token}:${token}@pbx/${FILE}`,
      (token) => `http://[/p/${token}/${FILE}`,
      (token) => `/p/${token}/p/${token}/${FILE}`,
      (token) => `/${FILE}/${'x'.repeat(3000)}/p/${token}`,
    ];
    const again = (text: string, times: number): string =>
      times === 0 ? text : again(text.replaceAll('%', '%25'), times - 1);
    const asked = fc
      .tuple(aToken, fc.constantFrom(...places), fc.nat({ max: 6 }))
      .chain(([token, place, times]) =>
        spelled(token).map((hidden) => ({ token, target: place(again(hidden, times)) })),
      );
    fc.assert(
      fc.property(asked, ({ token, target }) => {
        const { loggable } = read(target);
        expect(decodedAll(loggable)).not.to.include(token);
      }),
      runs(400),
    );
  });

  it('hides what stands in the place of a token and is none', () => {
    for (const bad of ['short', 'with-dash-AbCdEf23456789', 'x'.repeat(65), 'AbCdEf2345%ff6789GhJkMnPqRs', 'a%2fb']) {
      expect(read(`/prov/p/${bad}/${FILE}`), bad).to.include({
        token: undefined,
        loggable: `/prov/p/[secret]/${FILE}`,
      });
      expect(read(`/p/${bad}`).loggable, bad).to.equal('/p/[secret]');
    }
    expect(read(`/p/${FILE}`).loggable).to.equal(`/p/${FILE}`);
  });

  it('shows every path that phones are known to ask for without a token', () => {
    for (const path of samples.flatMap((sample) => (sample.transport === 'sip' ? [] : (sample.path ?? [])))) {
      const [name = ''] = path.replace(/^\/*/, '/').split('?');
      if (/[0-9a-f]{20}/.test(name)) continue;
      expect(read(path).loggable.split('?')[0]).to.equal(decodeURIComponent(name));
    }
  });

  it('keeps the MAC of a query, and nothing else of it', () => {
    expect(read('/settings.php?x=1&mac=00:04:13:56:39:34&pw=0')).to.include({
      path: '/settings.php?mac=000413563934',
      loggable: '/settings.php?mac=000413563934',
    });
    expect(read('/settings.php?pw=0')).to.include({ path: '/settings.php', loggable: '/settings.php?…' });
  });

  it('is decoded once: who decodes it again reads the same', () => {
    expect(read('/a%20b%252e%3Fc').path).to.equal('/a b%252e%3Fc');
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (name) => {
        const path = read(`/x/${encodeURIComponent(name)}`).path;
        expect(decodeURIComponent(path)).to.equal(`/x/${name}`.replace(/[/\\]+/g, '/').replace(/\/$/, ''));
      }),
    );
  });

  it('never fails to be read, and asks for nothing when it is too long', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => void readTarget(text)));
    expect(read(`/p/${TOKEN}/${'x'.repeat(2048)}`)).to.include({ token: undefined, path: '/' });
  });
});

function decodedAll(text: string): string {
  const once = text.replace(/%[0-7][0-9a-f]/gi, decodeURIComponent);
  return once === text ? text : decodedAll(once);
}
