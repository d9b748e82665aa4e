import { expect } from 'chai';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { printLetter } from '../../src/administration/letters.ts';
import { changeTenant } from '../../src/administration/tenants.ts';
import { addUser, changeUser, removeUser } from '../../src/administration/users.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { User } from '../../src/domain/user.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { isSecretOf } from '../support/isSecretOf.ts';
import { readPdf, wordsOf } from '../support/pdfText.ts';
import { refusalOf } from '../support/refusal.ts';
import { userCommand } from '../support/userCommand.ts';

const tenantId = 'default';
const PIN = '940273';

describe('A letter for a user', () => {
  let core: TestCore;
  let user: User;
  beforeEach(async () => {
    core = await openTestCore();
    ({ user } = await addUser(core, { tenantId, extension: '1500', name: 'Ann Lee', pin: PIN }));
  });
  afterEach(() => core.close());

  const isPin = async (pin: string): Promise<boolean> => isSecretOf(core.secrets, pin, await core.store.user(user.id));
  const events = async () => (await core.store.events({ limit: 99 })).filter(({ step }) => step === 'letter_printed');
  const pinIn = (html: string): string => /<dd[^>]*>(\d{6})</.exec(html)?.[1] ?? 'none';
  const html = async (language?: string, of = user): Promise<string> => {
    let content = '';
    const choice = { format: 'html', ...(language === undefined ? {} : { language }) } as const;
    await printLetter(core, of, choice, async (printed, commit) => {
      content = printed.toString();
      await commit();
    });
    return content;
  };

  it('has a new PIN, and the one before is worth nothing', async () => {
    const pin = pinIn(await html());
    expect(await isPin(pin)).to.equal(true);
    expect(await isPin(PIN)).to.equal(false);
    expect(pinIn(await html())).not.to.equal(pin);
  });

  it('is an event with who did it, and without the PIN', async () => {
    const pin = pinIn(await html('de'));
    const all = await core.store.events({ limit: 99 });
    expect(all.map(({ step }) => step)).to.deep.equal(['user_added', 'pin_changed', 'letter_printed']);
    expect(all.at(-1)).to.deep.include({
      actor: 'test',
      userId: user.id,
      detail: { extension: '1500', language: 'de', format: 'html' },
    });
    expect(JSON.stringify(all)).not.to.contain(pin);
  });

  it('that could not be kept has changed nothing', async () => {
    const full = printLetter(core, user, { format: 'html' }, () => Promise.reject(new Error('disk full')));
    expect(await full.catch((error: Error) => error.message)).to.equal('disk full');
    expect(await isPin(PIN)).to.equal(true);
    expect(await events()).to.deep.equal([]);
  });

  it('is in the language of the user’s phones, else of the tenant’s, else in English', async () => {
    expect(await html()).to.contain('<main lang="en">');
    await changeTenant(core, tenantId, { texts: { language: 'fr' } });
    expect(await html()).to.contain('<main lang="fr">');
    const german = await changeUser(core, user, { texts: { language: 'de-AT' } });
    expect(await html(undefined, german)).to.contain('<main lang="de">');
    expect(await html('it', german)).to.contain('<main lang="it">');
    const portuguese = await changeUser(core, user, { texts: { language: 'pt-BR' } });
    const keep = (_: Buffer, commit: () => Promise<void>): Promise<void> => commit();
    expect(await printLetter(core, portuguese, { format: 'html' }, keep)).to.deep.include({
      language: 'en',
      missingLanguage: 'pt-BR',
    });
    expect((await refusalOf(html('pt'))).message).to.contain('en, es, fr, de, it');
  });

  it('names the tenant’s own numbers', async () => {
    await changeTenant(core, tenantId, { name: 'Acme & Söhne', extension: '*77', releaseExtension: '*78' });
    const letter = await html();
    expect(letter).to.contain('Acme &#38; Söhne').and.to.contain('*77').and.to.contain('*78');
    expect(letter).not.to.match(/\*5[56]/);
  });

  describe('from the command line', () => {
    let printed: string[];
    const file = (name: string): string => join(core.directory, name);
    const run = (...args: readonly string[]): Promise<void> => {
      printed = [];
      return userCommand(core, printed, 'letter', ...args);
    };

    it('is a PDF that its owner alone can read, and the only place of the PIN', async () => {
      await run('1500', '--out', file('ann.pdf'), '--language', 'es', '--paper', 'letter');
      expect(statSync(file('ann.pdf')).mode & 0o777).to.equal(0o600);
      const [page = []] = readPdf(readFileSync(file('ann.pdf')));
      const pin = page.find(({ text }) => /^\d{6}$/.test(text))?.text ?? 'none';
      expect(await isPin(pin)).to.equal(true);
      expect(wordsOf(page)).to.contain('Introduzca su extensión y su PIN');
      expect(printed.join()).to.contain('new one').and.contain('Spanish').and.not.to.contain(pin);
    });

    it('takes the PIN that is given, and refuses a bad one', async () => {
      await run('1500', '--out', file('ann.html'), '--pin', '271930');
      expect(pinIn(readFileSync(file('ann.html'), 'utf8'))).to.equal('271930');
      expect(await isPin('271930')).to.equal(true);
      expect((await refusalOf(run('1500', '--out', file('b.html'), '--pin', '123456'))).code).to.equal('invalid');
      expect(await isPin('271930')).to.equal(true);
      expect(existsSync(file('b.html'))).to.equal(false);
    });

    it('does not take the place of a file, unless told to', async () => {
      writeFileSync(file('ann.html'), 'mine', { mode: 0o644 });
      expect((await refusalOf(run('1500', '--out', file('ann.html')))).message).to.contain('--force');
      expect(readFileSync(file('ann.html'), 'utf8')).to.equal('mine');
      expect(await isPin(PIN)).to.equal(true);
      await run('1500', '--out', file('ann.html'), '--force');
      expect(await isPin(pinIn(readFileSync(file('ann.html'), 'utf8')))).to.equal(true);
      expect(statSync(file('ann.html')).mode & 0o777).to.equal(0o600);
    });

    it('leaves the file that was there when the user has gone meanwhile', async () => {
      writeFileSync(file('ann.html'), 'mine');
      const before = readdirSync(core.directory);
      const { hashPin } = core.secrets;
      const removing = {
        ...core.secrets,
        hashPin: async (pin: Secret) => removeUser(core, user).then(() => hashPin(pin)),
      };
      const own = core;
      core = { ...own, secrets: removing };
      expect((await refusalOf(run('1500', '--out', file('ann.html'), '--force'))).code).to.equal('not_found');
      core = own;
      expect(readFileSync(file('ann.html'), 'utf8')).to.equal('mine');
      expect(readdirSync(core.directory)).to.deep.equal(before);
    });

    it('says which characters of a name a PDF cannot show, and changes nothing then', async () => {
      await changeUser(core, user, { name: 'Ann 李' });
      const refusal = await refusalOf(run('1500', '--out', file('ann.pdf')));
      expect(refusal.message).to.contain('李 (U+674E)').and.to.contain('.html');
      expect(await isPin(PIN)).to.equal(true);
      expect(existsSync(file('ann.pdf'))).to.equal(false);
      await run('1500', '--out', file('ann.html'));
      expect(readFileSync(file('ann.html'), 'utf8')).to.contain('Ann 李');
    });

    it('needs a name that says what it shall be', async () => {
      const wrong = run('1500', '--out', file('ann.doc'));
      expect(await wrong.catch((error: Error) => error.message)).to.contain('.pdf or .html');
    });
  });
});
