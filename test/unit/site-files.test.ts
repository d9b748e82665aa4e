import { expect } from 'chai';
import { managedAt, putIn, takenOut, type ReadSite } from '../../src/asterisk/configFiles/siteFiles.ts';
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
const wanted = { includes, usersContext: 'house' };
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
    expect(done['pjsip.conf']).to.equal(`${SITE['pjsip.conf']}\n${includes[1]?.line} ; selfprov`);
    expect(done['sorcery.conf']).to.match(/^\[res_pjsip\] ; ours\n#include .*sorcery\.conf" ; selfprov$/m);
    expect(done['extensions.conf']).to.contain(
      'exten => 1,1,NoOp()\ninclude => selfprov-users ; selfprov\n; the last line',
    );
    expect(done['ari.conf']).to.equal('[general] ; selfprov\nenabled = yes ; selfprov\n');
  });

  it('have what must be on switched on, and say what was there; other sections keep what they say', () => {
    expect(done['manager.conf']).to.match(
      /^\[general\]\nenabled = yes ; selfprov, instead of: enabled = no ; for now\n/,
    );
    expect(done['manager.conf']).to.contain('[wallboard]\nenabled = no\n');
    expect(done['http.conf']).to.contain('enabled = yes ; selfprov').and.to.contain('bindaddr = 0.0.0.0');
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
      Promise.resolve().then(() => putIn(site(SITE), { ...wanted, usersContext: 'users' })),
    );
    expect(refusal.code).to.equal('not_found');
    expect(refusal.message).to.contain('[users]').and.to.contain('extensions.conf');
  });

  it('of FreePBX are those that it lets others write', () => {
    const pbx = { ...SITE, 'pjsip.endpoint_custom_post.conf': '', 'extensions_custom.conf': '[house]\n' };
    const changed = putIn(site(pbx), wanted).map(({ file }) => file);
    expect(changed).to.include.members([
      'pjsip.endpoint_custom_post.conf',
      'extensions_custom.conf',
      'manager_custom.conf',
    ]);
    expect(changed).not.to.include.members(['pjsip.conf', 'extensions.conf']);
  });
});
