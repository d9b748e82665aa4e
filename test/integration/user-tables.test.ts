import { expect } from 'chai';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importUsers, previewUsers } from '../../src/administration/tables/importUsers.ts';
import { addUser, changeUser, listUsers, userByExtension } from '../../src/administration/users.ts';
import { writePrivately } from '../../src/cli/privateFile.ts';
import { progressOn } from '../../src/cli/progress.ts';
import { packageRoot } from '../../src/packageRoot.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { isSecretOf } from '../support/isSecretOf.ts';
import { readPdf, wordsOf } from '../support/pdfText.ts';
import { refusalOf } from '../support/refusal.ts';
import { ON_POSTGRES } from '../support/testDatabase.ts';
import { userCommand } from '../support/userCommand.ts';

const tenantId = 'default';
const PIN = '739152';

/** Line, column, and what is said of it, of every line of `broken-users.csv` that is not good. */
const BROKEN: readonly (readonly [number, string | null, RegExp])[] = [
  [3, null, /empty: take it out/],
  [4, null, /2 cells, and the header 10/],
  [5, null, /11 cells, and the header 10/],
  [6, null, /quote is opened and not closed/],
  [7, null, /quote stands within a cell/],
  [8, null, /follows a closing quote/],
  [9, 'extension', /1 to 20 digits/],
  [10, 'extension', /1 to 20 digits/],
  [11, 'extension', /112 is an emergency number/],
  [12, 'extension', /this is empty/],
  [13, 'extension', /1500 stands in line 2 already/],
  [14, 'name', /no user 1514 yet/],
  [15, 'name', /1 to 200 characters/],
  [16, 'name', /control character/],
  [17, 'pin', /4 to 12 digits/],
  [18, 'pin', /too easy to guess/],
  [19, 'pin', /too easy to guess/],
  [20, 'profile', /no profile Sales; there are: Default/],
  [21, 'selfProvisioning', /"yes" is none of on, off/],
  [22, 'language', /"Deutsch" is not a language like en/],
  [23, 'time-zone', /"Berlin" is not a time zone like/],
  [24, 'codecs', /"foo" is none of g722/],
  [25, 'expiry', /"5" is not a whole number from 60/],
  [26, 'keys', /needs a number/],
  [27, null, /empty: take it out/],
  [28, 'profile', /no profile Sales/],
  [28, 'pin', /4 to 12 digits/],
  [28, 'selfProvisioning', /"maybe" is none of/],
  [28, 'name', /no user 1528 yet/],
];

describe('A table of users', function () {
  this.timeout(60_000);
  let core: TestCore;
  let printed: string[];
  beforeEach(async () => {
    core = await openTestCore();
    printed = [];
  });
  afterEach(() => core.close());

  const file = (name: string): string => join(core.directory, name);
  const write = (text: string, name = 'users.csv'): string => {
    writeFileSync(file(name), text);
    return file(name);
  };
  const run = (...args: readonly string[]): Promise<void> => userCommand(core, printed, ...args);
  const preview = (text: string) => previewUsers(core, tenantId, Buffer.from(text), null);
  const events = async () => (await core.store.events({ limit: 999 })).map(({ step, detail }) => ({ step, ...detail }));
  const add = async (extension: string, name: string) =>
    (await addUser(core, { tenantId, extension, name, pin: PIN })).user;
  const isPin = async (extension: string, pin: string): Promise<boolean> =>
    isSecretOf(core.secrets, pin, await core.store.userByExtension(tenantId, extension));
  const pinsIn = (name: string): readonly string[] =>
    [...readFileSync(file(name), 'utf8').matchAll(/,(\d{6})\r\n/g)].map(([, pin = '']) => pin);

  describe('is looked at first, and', () => {
    it('says of each line what it would do, and does nothing', async () => {
      await add('1500', 'Ann Lee');
      await add('1501', 'Bob');
      const before = await events();
      const table = write(
        'Extension;Name;Time Zone;self-provisioning;PIN\n1500;Ann Lee;;on;\n1501;Rob;Asia/Tokyo;off;271930\n1502;Cy;;;\n',
      );
      await run('import', table);
      const [text = ''] = printed;
      expect(text).to.match(/2 +1500 +unchanged\n/);
      expect(text).to.match(
        /3 +1501 +changed +name=Bob → Rob selfProvisioning=on → off timeZone=Asia\/Tokyo pin=given\n/,
      );
      expect(text).to.match(/4 +1502 +new +name=Cy pin=generated\n/);
      expect(text).to.contain('1 new, 1 to change, 1 as they are').and.to.contain('--apply').and.to.contain('--pins');
      expect(text).not.to.contain('271930');
      expect(await events()).to.deep.equal(before);
    });

    it('names every mistake by its line and its column, and then nothing is imported', async () => {
      const broken = readFileSync(join(packageRoot, 'test/fixtures/tables/broken-users.csv'));
      const plan = await previewUsers(core, tenantId, broken, null);
      expect(plan.mistakes.map(({ line, column }) => [line, column])).to.have.deep.members(
        BROKEN.map(([line, column]) => [line, column]),
      );
      for (const [line, column, words] of BROKEN) {
        const mistake = plan.mistakes.find((each) => each.line === line && each.column === column);
        expect(mistake?.message, `${line}`).to.match(words);
      }
      expect(plan.lines.map(({ line }) => line)).to.deep.equal([2, 29]);

      const table = join(packageRoot, 'test/fixtures/tables/broken-users.csv');
      const refusal = await refusalOf(run('import', table, '--apply', '--pins', file('pins.csv')));
      expect(refusal.message).to.contain(`${BROKEN.length} mistakes`).and.to.contain('nothing is imported');
      for (const [line, column] of BROKEN)
        expect(printed.join()).to.contain(`line ${line}${column === null ? '' : `, ${column}`}: `);
      expect(await listUsers(core, tenantId)).to.deep.equal([]);
      expect(await events()).to.deep.equal([]);
      expect(existsSync(file('pins.csv'))).to.equal(false);
      await refusalOf(
        importUsers(core, tenantId, broken, plan, { letters: null, keep: null, progress: () => undefined }),
      );
      expect(await listUsers(core, tenantId)).to.deep.equal([]);
    });

    it('names also what two users would have in common', async () => {
      await addUser(core, { tenantId, extension: '1500', name: 'Ann', loginId: '7', provisioningId: '70' });
      const lines = ['1500,,8,', '1501,Bo,7,70', '1502,Cy,8,', '1503,Di,9,90', '1504,Ed,9,91'];
      const table = Buffer.from(['extension,name,user-id,provisioning-id', ...lines].join('\n'));
      const { mistakes } = await previewUsers(core, tenantId, table, null);
      expect(mistakes.map(({ line, column }) => [line, column])).to.deep.equal([
        [3, 'provisioning-id'],
        [4, 'user-id'],
        [6, 'user-id'],
      ]);
    });

    it('names what is wrong with its header', async () => {
      const said = async (header: string) => (await preview(`${header}\n1500${',x'.repeat(2)}\n`)).mistakes;
      expect(await said('extension,name,colour')).to.have.length(1);
      expect((await said('extension,name,colour'))[0]).to.deep.include({ line: 1, column: null });
      expect((await said('extension,name,colour'))[0]?.message).to.match(
        /no column "colour"; there are: extension, name/,
      );
      expect((await said('extension,Lable'))[0]?.message).to.match(
        /there are: label, extension, .*, and \d+ others: see/,
      );
      expect((await said('extension,name,Name'))[0]?.message).to.contain('twice');
      expect((await said('name,label,profile')).map(({ message }) => message).join()).to.contain('no column extension');
      expect((await said('__proto__,constructor,extension')).map(({ line }) => line)).to.include.members([1]);
    });

    it('in JSON tells machines the same', async () => {
      const refusal = await refusalOf(run('import', write('extension,name\n1500,Ann\n15x,Bob\n'), '--json'));
      expect(refusal.code).to.equal('invalid');
      expect(JSON.parse(printed.join())).to.deep.equal({
        imported: false,
        counts: { new: 1, changed: 0, unchanged: 0 },
        mistakes: [
          { line: 3, column: 'extension', message: 'an extension has 1 to 20 digits, and nothing but digits' },
        ],
        lines: [{ line: 2, key: '1500', what: 'new', fields: { name: 'Ann', pin: 'generated' } }],
      });
    });
  });

  describe('is imported, and', () => {
    it('every user is as it says, with the events of the single verbs and one of its own', async () => {
      await add('1500', 'Ann Lee');
      const bob = await add('1501', 'Bob');
      await changeUser(core, bob, { texts: { language: 'it', timeZone: 'Asia/Tokyo' } });
      const before = (await events()).length;
      const table = write(
        'extension,name,pin,selfProvisioning,language,time-zone\n1500,Ann Lee,,,,\n1501,Rob,271930,off,inherit,\n1502,Cy,,,de,\n',
      );
      await run('import', table, '--apply', '--pins', file('pins.csv'));
      expect((await events()).slice(before)).to.deep.equal([
        {
          step: 'user_changed',
          extension: '1501',
          name: 'Bob → Rob',
          selfProvisioning: 'on → off',
          language: 'it → inherit',
        },
        { step: 'pin_changed', extension: '1501' },
        { step: 'user_added', extension: '1502', name: 'Cy' },
        { step: 'imported', what: 'users', new: 1, changed: 1, unchanged: 1 },
      ]);
      const [last] = await core.store.events({ limit: 1 });
      expect(last?.actor).to.equal('test');
      expect(await userByExtension(core, tenantId, '1501')).to.deep.include({
        name: 'Rob',
        selfProvisioning: false,
        deviceSays: { timeZone: 'Asia/Tokyo' },
      });
      expect(await isPin('1500', PIN)).to.equal(true);
      expect(await isPin('1501', '271930')).to.equal(true);
      expect(printed.join()).to.contain('1 users are new, 1 changed, 1 as before');
    });

    it('the PINs that were made up stand in one file, which its owner alone can read, and nowhere else', async () => {
      await run(
        'import',
        write('extension,name,pin\n1500,Ann,\n1501,Bob,271930\n'),
        '--apply',
        '--pins',
        file('pins.csv'),
      );
      expect(statSync(file('pins.csv')).mode & 0o777).to.equal(0o600);
      const [pin = 'none', ...others] = pinsIn('pins.csv');
      expect(others).to.deep.equal([]);
      expect(await isPin('1500', pin)).to.equal(true);
      expect(JSON.stringify([await events(), printed]))
        .not.to.contain(pin)
        .and.not.to.contain('271930');
    });

    it('PINs that nobody could read are not made: it says where they could go', async () => {
      const refusal = await refusalOf(run('import', write('extension,name\n1500,Ann\n1501,Bob\n'), '--apply'));
      expect(refusal.message).to.contain('(2)').and.to.contain('--pins').and.to.contain('--letters');
      expect(await listUsers(core, tenantId)).to.deep.equal([]);
      await run('import', write('extension,name,pin\n1500,Ann,271930\n'), '--apply');
      expect(await isPin('1500', '271930')).to.equal(true);
    });

    it('nothing of it is, when somebody else has changed one of its users meanwhile', async () => {
      const ann = await add('1500', 'Ann Lee');
      const table = Buffer.from('extension,name\n1499,Zoe\n1500,Anna\n');
      const plan = await previewUsers(core, tenantId, table, null);
      await changeUser(core, ann, { selfProvisioning: false });
      const before = await events();
      const options = {
        letters: null,
        keep: (_: unknown, commit: () => Promise<void>) => commit(),
        progress: () => undefined,
      };
      const refusal = await refusalOf(importUsers(core, tenantId, table, plan, options));
      expect(refusal).to.include({ code: 'conflict' });
      expect(refusal.message).to.contain('line 3');
      expect(await events()).to.deep.equal(before);
      expect((await listUsers(core, tenantId)).map(({ name }) => name)).to.deep.equal(['Ann Lee']);
    });

    it('leaves no file of PINs when it is refused in the end', async () => {
      const { hashPin } = core.secrets;
      let first = true;
      const own = core;
      core = {
        ...own,
        secrets: {
          ...own.secrets,
          async hashPin(pin) {
            if (first) {
              first = false;
              await addUser(own, { tenantId, extension: '1501', name: 'Eve', pin: PIN });
            }
            return hashPin(pin);
          },
        },
      };
      const done = run('import', write('extension,name\n1500,Ann\n1501,Bob\n'), '--apply', '--pins', file('pins.csv'));
      expect((await refusalOf(done)).code).to.equal('conflict');
      core = own;
      expect(existsSync(file('pins.csv'))).to.equal(false);
      expect((await listUsers(core, tenantId)).map(({ name }) => name)).to.deep.equal(['Eve']);
    });

    it('where no file can be written, nothing is imported, and nothing is left of the PINs', async () => {
      const table = write('extension,name\n1500,Ann\n');
      mkdirSync(file('pins'));
      const done = run('import', table, '--apply', '--force', '--pins', file('pins'));
      expect((await refusalOf(done)).message).to.contain('folder');
      const full = async function* (): AsyncGenerator<string> {
        yield 'extension,name,pin';
        throw new Error('no space left on device');
      };
      const content = (): Promise<Buffer> => Promise.resolve(full() as unknown as Buffer);
      const kept = await writePrivately([{ path: file('half.csv'), content }], false, () => Promise.resolve()).catch(
        String,
      );
      expect(kept).to.contain('no space left');
      expect(existsSync(file('half.csv'))).to.equal(false);
      expect(existsSync(file('pins.part'))).to.equal(false);
      expect(await listUsers(core, tenantId)).to.deep.equal([]);
    });

    it('a file that is there is not written over, and then nothing is imported', async () => {
      writeFileSync(file('pins.csv'), 'mine');
      const args = ['import', write('extension,name\n1500,Ann\n'), '--apply', '--pins', file('pins.csv')];
      expect((await refusalOf(run(...args))).message).to.contain('--force');
      expect(await listUsers(core, tenantId)).to.deep.equal([]);
      await run(...args, '--force');
      expect(await isPin('1500', pinsIn('pins.csv')[0] ?? '')).to.equal(true);
    });
  });

  describe('with letters', () => {
    const TABLE = 'extension,name,pin,language\n1500,Ann,,de\n1501,Bob,271930,\n';

    it('has all in one file, a page each, and an event for each', async () => {
      await run('import', write(TABLE), '--apply', '--letters', file('letters.pdf'));
      const pages = readPdf(readFileSync(file('letters.pdf')));
      expect(pages.map((page) => page.filter(({ text }) => /^\d{6}$/.test(text)))).to.have.length(2);
      const [ann = '', bob = ''] = pages.map(wordsOf);
      expect(ann).to.contain('So richten Sie Ihr Telefon ein');
      expect(bob).to.contain('271930');
      expect(await isPin('1500', /PIN (\d{6})/.exec(ann)?.[1] ?? '')).to.equal(true);
      expect(statSync(file('letters.pdf')).mode & 0o777).to.equal(0o600);
      const letters = (await events()).filter(({ step }) => step === 'letter_printed');
      expect(letters).to.deep.equal([
        { step: 'letter_printed', extension: '1500', language: 'de', format: 'pdf' },
        { step: 'letter_printed', extension: '1501', language: 'en', format: 'pdf' },
      ]);
    });

    it('has each in a folder, as HTML where the font of a PDF lacks the name; users without a new PIN get none', async () => {
      await add('1499', 'Zoe');
      const table = write('extension,name\n1499,Zoë\n1500,Ann\n1501,李明\n');
      await run('import', table, '--apply', '--letters', file('letters'));
      expect(readdirSync(file('letters')).toSorted()).to.deep.equal(['1500.pdf', '1501.html']);
      expect(readFileSync(file('letters/1501.html'), 'utf8')).to.contain('李明');
      for (const name of ['1500.pdf', '1501.html'])
        expect(statSync(file(`letters/${name}`)).mode & 0o777).to.equal(0o600);
    });

    it('in one PDF names each line whose name cannot be shown', async () => {
      const table = write('extension,name\n1500,Ann\n1501,李明\n');
      await refusalOf(run('import', table, '--apply', '--letters', file('letters.pdf')));
      expect(printed.join()).to.contain('line 3, name: the font of PDF letters').and.to.contain('U+674E');
      expect(await listUsers(core, tenantId)).to.deep.equal([]);
      await run('import', table, '--apply', '--letters', file('letters.html'));
      expect(readFileSync(file('letters.html'), 'utf8').match(/<main /g)).to.have.length(2);
    });

    it('writes over no letter, and is not imported then', async () => {
      mkdirSync(file('letters'));
      write('mine', 'letters/1501.pdf');
      const refused = run('import', write(TABLE), '--apply', '--letters', file('letters'));
      expect((await refusalOf(refused)).message).to.contain('1501.pdf exists already');
      expect(readdirSync(file('letters'))).to.deep.equal(['1501.pdf']);
      expect(await listUsers(core, tenantId)).to.deep.equal([]);
    });
  });

  describe('is exported, and', () => {
    it('comes back as it is: nothing is changed by it', async () => {
      const names = ['Ann; "Annie", Lee', '=cmd|x', "'=x", '+49', '李明', '<b>'];
      for (const [at, name] of names.entries()) await add(`150${at}`, name);
      const texts = { language: 'de', keys: 'blf:1501:B,ob;park::P"ark', voicemail: 'none', srtp: 'on' };
      await changeUser(core, await userByExtension(core, tenantId, '1500'), { texts, selfProvisioning: false });
      await run('export', '--out', file('export.csv'));
      expect(statSync(file('export.csv')).mode & 0o777).to.equal(0o600);
      const exported = readFileSync(file('export.csv'));
      expect(exported.toString()).to.contain(",'=cmd|x,").and.to.contain(",''=x,").and.to.contain(",'+49,");
      const plan = await previewUsers(core, tenantId, exported, null);
      expect(plan.mistakes).to.deep.equal([]);
      expect(plan.lines.map(({ change }) => change.what)).to.deep.equal(names.map(() => 'unchanged'));

      const other = await openTestCore();
      await userCommand(other, printed, 'import', file('export.csv'), '--apply', '--pins', file('pins.csv'));
      const told = async (of: TestCore) =>
        (await of.store.users(tenantId)).map((user) => ({ ...user, id: '', pinHash: '', createdAt: 0 }));
      expect(await told(other)).to.deep.equal(await told(core));
      await other.close();
    });

    it('holds no secret', async () => {
      const user = await add('1500', 'Ann');
      await changeUser(core, user, { texts: { webPassword: 'Str0ng.Pass' } });
      await run('export');
      expect(printed).to.deep.equal(['extension,name,profile,selfProvisioning\r\n1500,Ann,Default,on']);
      await run('export', '--json');
      expect(JSON.parse(printed[1] ?? '')).to.deep.equal([
        { extension: '1500', name: 'Ann', profile: 'Default', selfProvisioning: 'on' },
      ]);
    });
  });

  it('of ten thousand lines is looked at in seconds, and keeps the database for seconds', async () => {
    const lines = Array.from({ length: 10_001 }, (_, i) => `${20_000 + i},Person ${i},on,de,Europe/Berlin`);
    // Two statements each, and on PostgreSQL each goes there and back.
    const many = ON_POSTGRES ? 2000 : 10_000;
    const first = (count: number): Buffer =>
      Buffer.from(['extension,name,selfProvisioning,language,time-zone', ...lines.slice(0, count)].join('\n'));
    const table = first(many);
    const quick = { ...core, secrets: { ...core.secrets, hashPin: () => Promise.resolve('scrypt$$') } };
    const tooMany = await previewUsers(core, tenantId, first(10_001), null);
    expect(tooMany.mistakes.map(({ line, message }) => `${line}: ${message}`)).to.deep.equal([
      '10002: a file has at most 10000 lines: make two of it',
    ]);
    // Of none of these lines Asterisk is asked.
    expect(tooMany.lines).to.deep.equal([]);
    const start = performance.now();
    const plan = await previewUsers(core, tenantId, table, null);
    const looked = performance.now() - start;
    let kept = 0;
    await importUsers(quick, tenantId, table, plan, {
      letters: null,
      progress: () => undefined,
      async keep(_, commit) {
        const start = performance.now();
        await commit();
        kept = performance.now() - start;
      },
    });
    expect(await core.store.users(tenantId)).to.have.length(many);
    expect([looked, kept].filter((ms) => ms > 15_000)).to.deep.equal([]);
  });

  it('tells how far the slow part is, now and then', () => {
    const told: string[] = [];
    let now = 0;
    const progress = progressOn({ write: (text: string) => told.push(text) > 0 }, 'PINs hashed', () => now);
    for (let done = 1; done <= 100; done++) {
      now += 250;
      progress(done, 100);
    }
    expect(told).to.have.length(5);
    expect(told[0]).to.equal('PINs hashed: 20 of 100, 4.0 a second, 20 s left\n');
  });
});
