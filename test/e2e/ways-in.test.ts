import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { heard } from '../support/heard.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import { startProduct, type Product } from '../support/product.ts';
import { waitFor } from '../support/wait.ts';

interface Shown {
  readonly state: string;
  readonly extension: string | null;
  readonly number: number;
}

const LANGUAGES = {
  en: 'English',
  es: 'Spanish',
  fr: 'French',
  de: 'German',
  it: 'Italian',
} as const;

describe('Every way in, by real calls', function () {
  this.timeout(120_000);
  let product: Product;
  const phones: Phone[] = [];
  let made = 0;

  before(async () => {
    product = await startProduct({ SELFPROV_LOG_LEVEL: 'debug', SELFPROV_HAND_OVER_PAUSES: '3,3,3' });
  });
  afterEach(async () => {
    await Promise.all(phones.splice(0).map((phone) => phone.close()));
    for (const name of ['authentication', 'identify-by', 'take-over', 'prompts', 'default-numbers']) {
      await product.cli('tenant', 'set', `--${name}`, 'inherit');
    }
  });
  after(() => product.close());

  const show = (phone: Phone): Promise<Shown> => product.cli<Shown>('device', 'show', phone.mac);
  const set = (...options: readonly string[]): Promise<unknown> => product.cli('tenant', 'set', ...options);

  async function unpack(): Promise<{ phone: Phone; extension: string; pin: string }> {
    made++;
    const extension = String(2000 + made);
    const pin = await product.addUser(extension, `User ${made}`);
    return { phone: await another(), extension, pin };
  }
  async function another(): Promise<Phone> {
    const mac = `001565cc${String(phones.length + made * 10).padStart(4, '0')}`;
    const phone = await bootPhone({ family: 'yealink', mac, provisioningUrl: product.url });
    phones.push(phone);
    await phone.registered();
    return phone;
  }

  const call = (phone: Phone, number: string, keys = ''): Promise<readonly string[]> =>
    heard(product, phone, number, keys);
  async function isBackAs(phone: Phone, extension: string): Promise<void> {
    await phone.registered({ as: extension, limit: 40_000 });
    await waitFor(async () => (await product.steps(phone.mac)).at(-1) === 'done', { what: 'the end of the hand-over' });
  }

  /** All that Asterisk and selfprov have logged. */
  async function written(): Promise<string> {
    const logs = join(product.asteriskFiles, '../log');
    const texts = await Promise.all(
      ['messages.log', 'calls.log', 'console.log'].map((name) => readFile(join(logs, name), 'utf8').catch(() => '')),
    );
    return [...texts, JSON.stringify(await product.log())].join('\n');
  }

  it('one dial string: only the result is spoken, and the PIN is written down nowhere', async () => {
    const { phone, extension, pin } = await unpack();
    expect(await call(phone, `*55${extension}*${pin}`)).to.deep.equal(['en phone-will-restart']);
    await isBackAs(phone, extension);
    expect(await written()).to.not.contain(pin);
  });

  it('a PIN that is dialled where none belongs: it is written down nowhere either', async () => {
    const { phone, extension, pin } = await unpack();
    expect(await call(phone, `*55*${extension}*${pin}`)).to.deep.equal(['en not-accepted']);
    expect(await call(phone, `*56${pin}`)).to.deep.equal(['en not-assigned']);
    expect(await written()).to.not.contain(pin);
  });

  it('a wrong dial string: one word, and nothing has changed', async () => {
    const { phone, extension } = await unpack();
    expect(await call(phone, `*55${extension}*947201`)).to.deep.equal(['en not-accepted']);
    expect(await show(phone)).to.include({ state: 'unassigned' });
  });

  it('a number with parameters behind it is the same call', async () => {
    const { phone, extension, pin } = await unpack();
    const said = await call(phone, '*55;phone-context=example.com', `${extension}#${pin}#1`);
    expect(said.at(-1)).to.equal('en phone-will-restart');
    await isBackAs(phone, extension);
  });

  it('a one-time code, once', async () => {
    const { phone, extension } = await unpack();
    const { code } = await product.cli<{ code: string }>('code', 'new', '--user', extension, '--expires', '1d');
    expect(await call(phone, `*55${code}`)).to.deep.equal(['en phone-will-restart']);
    await isBackAs(phone, extension);
    expect(await call(await another(), `*55${code}`)).to.deep.equal(['en not-accepted']);
  });

  it('an administrator: 0, the code, and for whom it is', async () => {
    await set('--authentication', 'users_and_administrators', '--administrator-code', '774913');
    const { phone, extension } = await unpack();
    const said = await call(phone, '*55', `0#774913#${extension}#1`);
    expect(said.at(-1)).to.equal('en phone-will-restart');
    await isBackAs(phone, extension);
    expect(await product.steps(phone.mac)).to.include('administrator_code_used');
  });

  it('nothing to prove, where the tenant wants nothing', async () => {
    await set('--authentication', 'none');
    const { phone, extension } = await unpack();
    expect((await call(phone, '*55', `${extension}#1`)).at(-1)).to.equal('en phone-will-restart');
    await isBackAs(phone, extension);
  });

  it('the user ID instead of the extension', async () => {
    await set('--identify-by', 'user_id');
    const { phone, extension, pin } = await unpack();
    await product.cli('user', 'set', extension, '--user-id', `77${made}`);
    expect((await call(phone, '*55', `77${made}#${pin}#1`)).at(-1)).to.equal('en phone-will-restart');
    await isBackAs(phone, extension);
  });

  it('somebody else’s phone: refused, or taken over with the PIN of the one who has it', async () => {
    const { phone, extension, pin } = await unpack();
    await call(phone, '*55', `${extension}#${pin}#1`);
    await isBackAs(phone, extension);
    const other = String(2900 + made);
    const otherPin = await product.addUser(other, 'Other');
    const refused = await call(phone, '*55');
    expect([refused[0], ...refused.slice(-4)]).to.deep.equal([
      'en already-assigned',
      ...['en to-give-back', 'en key-star', 'en digit-5', 'en digit-6'],
    ]);
    await set('--take-over', 'allow');
    expect((await call(phone, '*55', `${pin}#${other}#${otherPin}#1`)).at(-1)).to.equal('en phone-will-restart');
    await isBackAs(phone, other);
  });

  it('a shared phone: in by the call, and out by the same', async () => {
    const { phone: home, extension, pin } = await unpack();
    await call(home, '*55', `${extension}#${pin}#1`);
    await isBackAs(home, extension);
    const desk = await another();
    await product.cli('device', 'set', desk.mac, '--user-type', 'hot_desk');
    const said = await call(desk, '*55', `${extension}#${pin}#1`);
    expect(said.at(-1)).to.equal('en logged-in');
    await isBackAs(desk, extension);
    await home.registered({ as: `phone-${home.mac}`, limit: 40_000 });
    expect((await call(desk, '*55', '1')).at(-1)).to.equal('en logged-off');
    await desk.registered({ as: `phone-${desk.mac}`, limit: 40_000 });
    await isBackAs(home, extension);
  });

  it('*57: the number that the list of devices has', async () => {
    const { phone } = await unpack();
    const { number } = await show(phone);
    const said = await call(phone, '*57');
    const digits = [...String(number)].map((digit) => `en digit-${digit}`);
    expect(said).to.deep.equal(['en phone-id-is', ...digits, 'en phone-id-is', ...digits, 'en goodbye']);
  });

  it('a blocked phone and a switch that is off are said before anything is asked', async () => {
    const { phone } = await unpack();
    await product.cli('device', 'block', phone.mac);
    expect(await call(phone, '*55')).to.deep.equal(['en phone-blocked']);
    await product.cli('device', 'unblock', phone.mac);
    await product.cli('system', 'set', '--self-provisioning', 'off');
    expect(await call(phone, '*55')).to.deep.equal(['en switched-off']);
    await product.cli('system', 'set', '--self-provisioning', 'on');
  });

  it('a new phone shows a number of the range, and says so when there is none left', async () => {
    // Those that are there already would be given numbers too.
    for (const { mac, state } of await product.cli<readonly { mac: string; state: string }[]>('device', 'list'))
      if (state === 'unassigned') await product.cli('device', 'remove', mac);
    await set('--default-numbers', '9000-9000');
    const { phone } = await unpack();
    expect(phone.reading.lines[0]?.label).to.equal('9000: Dial *55 to set up');
    const second = await another();
    expect(second.reading.lines[0]?.label).to.equal('No number left: Dial *55 to set up');
    expect(await product.steps(second.mac)).to.include('numbers_used_up');
  });

  describe('in the language that one key chooses:', () => {
    for (const [at, [language, name]] of Object.entries(LANGUAGES).entries()) {
      it(name, async () => {
        await set('--prompts', Object.keys(LANGUAGES).join(','));
        const { phone, extension, pin } = await unpack();
        const said = await call(phone, '*55', `${'#'.repeat(at)}${extension}#${pin}#1`);
        expect(said.at(-1)).to.equal(`${language} phone-will-restart`);
        await isBackAs(phone, extension);
      });
    }
  });
});
