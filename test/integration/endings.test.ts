import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import { endingOf } from '../../src/cli/ending.ts';
import { command } from '../support/command.ts';
import { openTestCore, type TestCore } from '../support/core.ts';

describe('How a command ends', () => {
  let core: TestCore;

  before(async () => {
    core = await openTestCore();
    await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann Lee' });
    await command(core, 'profile', 'add', 'Sales');
    await command(core, 'line-template', 'add', 'Outbound');
    await command(core, 'device', 'add', '--family', 'yealink', '--mac', '00:15:65:aa:bb:01');
    await addUser(core, { tenantId: 'default', extension: '1501', name: 'Bob Ray' });
    await command(core, 'device', 'add', '--family', 'yealink', '--mac', '00:15:65:AA:BB:02', '--user', '1501');
    await command(core, 'redirect', 'add', '--to', 'nowhere', '--mac', '001565');
  });
  after(() => core.close());

  async function ending(forPrograms: boolean, words: readonly string[]): Promise<{ text: string; status: number }> {
    return command(core, ...words, ...(forPrograms ? ['--json'] : [])).then(
      (text) => ({ text, status: 0 }),
      (error: unknown) => endingOf(error, forPrograms),
    );
  }

  for (const [status, typed, message] of [
    [2, 'user lst', "unknown command 'lst'. Did you mean list?"],
    [2, 'user show', "missing required argument 'extension'"],
    [
      2,
      'profile set Sales --phone-limit many',
      "option '--phone-limit <n>' argument 'many' is invalid. Give a whole number.",
    ],
    [2, 'tenant set --trusted-addresses all', 'Allowed choices are private, any.'],
    [1, 'tenant show --tenant defualt', 'Did you mean default?'],
    [1, 'profile show Slaes', '. Did you mean Sales?'],
    [1, 'line-template show Outbuond', 'Did you mean Outbound?'],
    [1, 'device add --family yaelink', 'there is no family yaelink: see "selfprov families". Did you mean yealink?'],
    [1, 'render --family yealnk', 'Did you mean yealink?'],
    [1, 'render --family yealink --model T64S', 'Did you mean T46S?'],
    [
      1,
      'render --family yealink --model Y9',
      'it is recognised by its family and gets what a model that nobody knows gets',
    ],
    [1, 'render --family aastra-legacy', 'there is no family'],
    [1, 'user show 15000000', 'there is no user with extension 15000000'],
  ] as const) {
    it(`says of "${typed}" what is wrong, to people and to programs`, async () => {
      const words = typed.split(' ');
      const people = await ending(false, words);
      expect(people.status).to.equal(status);
      expect(people.text)
        .to.match(/^selfprov: /)
        .and.contain(message);
      const programs = await ending(true, words);
      expect(programs.status).to.equal(status);
      const { error } = JSON.parse(programs.text) as { readonly error: { readonly message: string } };
      expect(error.message).to.contain(message);
    });
  }

  for (const [typed, what] of [
    ['user remove 1500', 'User 1500 (Ann Lee) goes, with the PIN.'],
    ['device remove 001565AABB01', '00:15:65:aa:bb:01 goes, with its own settings and its note.'],
    ['profile remove sales', 'The profile Sales goes'],
    ['line-template remove Outbound', 'The line template Outbound goes, with 0 settings.'],
  ] as const) {
    it(`does "${typed}" only with --yes where nobody can be asked, and says what would go`, async () => {
      const words = typed.split(' ');
      const refused = await ending(true, words);
      const { error } = JSON.parse(refused.text) as { readonly error: { readonly message: string } };
      expect(error).to.include({ code: 'invalid', reason: 'confirmation_needed' });
      expect(error.message).to.contain(what).and.to.contain('--yes');
      expect(await ending(false, [...words, '--yes'])).to.include({ status: 0 });
      expect(await ending(false, [...words, '--yes'])).to.include({ status: 1 });
    });
  }

  it('shows times in ISO 8601 and MAC addresses in one spelling, to people and to programs', async () => {
    const { text: people } = await ending(false, ['user', 'show', '1501']);
    const { text: programs } = await ending(true, ['user', 'show', '1501']);
    const local = /Added: +(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[+-]\d{2}:\d{2})/.exec(people)?.[1] ?? '';
    const { createdAt } = JSON.parse(programs) as { readonly createdAt: string };
    expect(createdAt).to.match(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
    expect(Math.trunc(Date.parse(createdAt) / 1000)).to.equal(Date.parse(local) / 1000);
    for (const typed of ['device show 0015.65aa.bb02', 'device list', 'event list', 'user show 1501', 'user list']) {
      for (const forPrograms of [false, true]) {
        const { text } = await ending(forPrograms, typed.split(' '));
        expect(text, typed)
          .to.contain('00:15:65:aa:bb:02')
          .and.not.match(/"001565aabb02"| 1[789]\d{11}\b/);
      }
    }
  });

  it('names the rule and the code that go by what they are for', async () => {
    const code = JSON.parse(await command(core, '--json', 'redirect', 'list')) as readonly { readonly id: string }[];
    const { text } = await ending(false, ['redirect', 'remove', code[0]?.id ?? 'none']);
    expect(text).to.contain('The rule for mac 00:15:65, to nowhere, goes. --yes is needed');
  });
});
