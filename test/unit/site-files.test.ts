import { expect } from 'chai';
import {
  managedAt,
  numbersIn,
  putIn,
  startContexts,
  takenOut,
  type ReadSite,
} from '../../src/asterisk/configFiles/siteFiles.ts';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/packageRoot.ts';
import type { SiteChange } from '../../src/domain/siteChange.ts';
import { refusalOf } from '../support/refusal.ts';

const includes = [
  { file: 'extensions.conf', section: null, line: '#include "/etc/asterisk/selfprov/extensions.conf"' },
  { file: 'pjsip.conf', section: null, line: '#include "/etc/asterisk/selfprov/pjsip.conf"' },
  { file: 'sorcery.conf', section: 'res_pjsip', line: '#include "/etc/asterisk/selfprov/sorcery.conf"' },
  { file: 'http.conf', section: 'general', line: '#include "/etc/asterisk/selfprov/http.conf"' },
  { file: 'manager.conf', section: null, line: '#include "/etc/asterisk/selfprov/manager.conf"' },
];
const SITE: Readonly<Record<string, string>> = {
  'extensions.conf': '[general]\nstatic = yes\n\n[house]\nexten => 1,1,NoOp()\n; the last line has no end',
  'pjsip.conf': '[1001]\ntype = endpoint',
  'sorcery.conf': '[test_sorcery_section]\ntest = memory\n\n[res_pjsip] ; ours\n',
  'http.conf': '[general]\n;enabled=yes\nbindaddr = 0.0.0.0\n',
  'manager.conf': '[general]\nenabled = no ; for now\nport = 5039\n\n[wallboard]\nenabled = no\n',
};
const wanted = { includes, contexts: [{ users: 'house', own: 'selfprov-users' }] };
const site =
  (files: Readonly<Record<string, string>>): ReadSite =>
  (file) =>
    files[file] ?? null;

function after(files: Readonly<Record<string, string>>, changes: readonly SiteChange[]): Record<string, string> {
  const all = { ...files };
  for (const { file, after: text } of changes) {
    if (text === null) delete all[file];
    else all[file] = text;
  }
  return all;
}

describe('Files of an Asterisk that is there', () => {
  const done = after(SITE, putIn(site(SITE), wanted));

  it('get each line where Asterisk looks for it: at the end, in a section that is there, in one that is made', () => {
    expect(done['pjsip.conf']).to.equal(`${SITE['pjsip.conf']}\n${includes[1]?.line} ; put in by selfprov`);
    expect(done['sorcery.conf']).to.match(/^\[res_pjsip\] ; ours\n#include .*sorcery\.conf" ; put in by selfprov$/m);
    expect(done['extensions.conf']).to.contain(
      'exten => 1,1,NoOp()\ninclude => selfprov-users ; put in by selfprov\n; the last line',
    );
    expect(done['ari.conf']).to.equal('[general] ; put in by selfprov\nenabled = yes ; put in by selfprov\n');
  });

  it('have what must be on switched on, and say what was there; other sections keep what they say', () => {
    expect(done['manager.conf']).to.match(
      /^\[general\]\nbindaddr = 127\.0\.0\.1 ; put in by selfprov\nenabled = yes ; put in by selfprov, instead of: enabled = no ; for now\n/,
    );
    expect(done['manager.conf']).to.contain('[wallboard]\nenabled = no\n');
    expect(done['http.conf']).to.contain('enabled = yes ; put in by selfprov').and.to.contain('bindaddr = 0.0.0.0');
  });

  it('say where Asterisk is managed', () => {
    expect(managedAt(site(done))).to.deep.equal({
      ...{ ariUrl: 'http://127.0.0.1:8088', amiHost: '127.0.0.1', amiPort: 5039 },
    });
    const six = site({ 'http.conf': '[general]\nenabled=yes\nbindaddr=::1\nbindport=8089\nprefix=pbx\n' });
    expect(managedAt(six).ariUrl).to.equal('http://[::1]:8089/pbx');
  });

  it('are the same after a second time, and byte by byte as before when it is taken out', () => {
    expect(putIn(site(done), wanted)).to.deep.equal([]);
    expect(after(done, takenOut(site(done), Object.keys(done)))).to.deep.equal(SITE);
  });

  it('keep what was changed meanwhile', () => {
    const since = { ...done, 'pjsip.conf': `${done['pjsip.conf']}\n[1002]\ntype = endpoint\n` };
    const back = after(since, takenOut(site(since), Object.keys(since)));
    expect(back['pjsip.conf']).to.equal('[1001]\ntype = endpoint\n[1002]\ntype = endpoint\n');
  });

  it('are left alone where the context of users is not there: its name is said', async () => {
    const refusal = await refusalOf(
      Promise.resolve().then(() =>
        putIn(site(SITE), { ...wanted, contexts: [{ users: 'users', own: 'selfprov-users' }] }),
      ),
    );
    expect(refusal.code).to.equal('not_found');
    expect(refusal.message).to.contain('[users]').and.to.contain('extensions.conf');
  });

  it('get no second line where an administrator has written it by hand, or an editor has changed its end', () => {
    const byHand = { ...SITE, 'pjsip.conf': `${SITE['pjsip.conf']}\n${includes[1]?.line}` };
    expect(putIn(site(byHand), wanted).map(({ file }) => file)).not.to.include('pjsip.conf');
    const edited = { ...done, 'pjsip.conf': `${done['pjsip.conf']} \r\n` };
    expect(after(edited, putIn(site(edited), wanted))['pjsip.conf']?.match(/#include/g)).to.have.length(1);
    expect(after(edited, takenOut(site(edited), ['pjsip.conf']))['pjsip.conf']).not.to.contain('#include');
  });

  it('have no section in a comment of several lines', () => {
    const text = ';-- [house]\n[house]\nexten => 2,1,NoOp()\n--;\n[house]\nexten => 1,1,NoOp()\n';
    const put = after(SITE, putIn(site({ ...SITE, 'extensions.conf': text }), wanted))['extensions.conf'];
    expect(put).to.match(/--;\n\[house\]\nexten => 1,1,NoOp\(\)\ninclude => selfprov-users/);
  });

  it('keep the header of a section that somebody else has put lines into', () => {
    const shared = { ...done, 'ari.conf': `${done['ari.conf']}pretty = yes\n` };
    expect(after(shared, takenOut(site(shared), ['ari.conf']))['ari.conf']).to.equal('[general]\npretty = yes\n');
  });

  it('do not open to everybody what was shut: a manager that is switched on listens here only', () => {
    const bare = after({}, putIn(site({ 'extensions.conf': '[house]\n' }), wanted));
    expect(bare['manager.conf']).to.contain('bindaddr = 127.0.0.1');
    expect(done['manager.conf']).to.contain('bindaddr = 127.0.0.1').and.to.contain('port = 5039');
  });

  it('take any name of a context for a name, not for a pattern', async () => {
    const odd = { ...wanted, contexts: [{ users: 'int(ernal', own: 'selfprov-users' }] };
    expect((await refusalOf(Promise.resolve().then(() => putIn(site(SITE), odd)))).code).to.equal('not_found');
  });

  describe('of FreePBX', () => {
    const folder = join(packageRoot, 'test/fixtures/freepbx');
    const pbx = Object.fromEntries(
      readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8').replaceAll(/@\w+@/g, '8089')]),
    );
    const extconfig = {
      file: 'extconfig.conf',
      section: 'settings',
      line: '#include "/etc/asterisk/selfprov/extconfig.conf"',
    };
    const ari = { file: 'ari.conf', section: null, line: '#include "/etc/asterisk/selfprov/ari.conf"' };
    const all = {
      includes: [...includes, extconfig, ari],
      contexts: [{ users: 'from-internal', own: 'selfprov-users' }],
    };
    const put = after(pbx, putIn(site(pbx), all));

    it('are those that it lets others write, where it includes them', () => {
      expect(putIn(site(pbx), all).map(({ file }) => file)).to.have.members([
        'pjsip.endpoint_custom_post.conf',
        'extensions_custom.conf',
        'manager_custom.conf',
        'extconfig_custom.conf',
        'ari_additional_custom.conf',
        'sorcery.conf',
      ]);
    });

    it('get a context of their own that calls of all users come through', () => {
      expect(put['extensions_custom.conf']).to.match(
        /\[from-internal-custom\]\nexten => 4711,1,Answer\(\)\nexten => 4711,n,Echo\(\)\ninclude => selfprov-users ; put in by selfprov\n#include/,
      );
      const bare = after(pbx, putIn(site({ ...pbx, 'extensions_custom.conf': '' }), all));
      expect(bare['extensions_custom.conf']).to.match(
        /^\[from-internal-custom\] ; put in by selfprov\ninclude => selfprov-users ; put in by selfprov\n/,
      );
    });

    it('have lines in the section in which they are read, which no second header may name', () => {
      expect(put['extconfig_custom.conf']).to.equal(`${extconfig.line} ; put in by selfprov\n`);
    });

    it('say in what they include where Asterisk is managed', () => {
      expect(managedAt(site(pbx)).ariUrl).to.equal('http://127.0.0.1:8089');
    });

    it('cannot have switched on what its own page switches on: that is said', async () => {
      const off = { ...pbx, 'http_additional.conf': '[general]\nenabled=no\n' };
      const { message } = await refusalOf(Promise.resolve().then(() => putIn(site(off), all)));
      expect(message).to.contain('http.conf is written by another program').and.to.contain('enabled = no');
    });

    it('are as before when it is taken out', () => {
      const back = after(put, takenOut(site(put), Object.keys(put)));
      for (const [name, text] of Object.entries(pbx)) expect(back[name] ?? '', name).to.equal(text);
    });

    it('show which contexts calls start in, and which numbers are taken', () => {
      expect([...startContexts(site(pbx))]).to.deep.equal([['from-internal', 3]]);
      expect(numbersIn(site(pbx)).get('*55')).to.deep.equal({ context: 'ext-intercom', application: 'Answer' });
      expect(numbersIn(site(pbx)).has('*57')).to.equal(false);
    });
  });
});
