import { expect } from 'chai';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { callAndKey } from '../support/callAndKey.ts';
import { heard, played } from '../support/heard.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import { startProduct, type Product } from '../support/product.ts';
import { waitFor } from '../support/wait.ts';

const MAC = '001565dd0001';

/** One phone that nobody gets, for every reason there is; what is changed for a reason is changed back after it. */
describe('Whoever may not have a phone hears why, and nothing changes', function () {
  this.timeout(120_000);
  let product: Product;
  let phone: Phone;
  let pin: string;

  before(async () => {
    product = await startProduct({ SELFPROV_LOG_LEVEL: 'debug' }, ({ cli }) => cli('tenant', 'add', 'acme'));
    pin = await product.addUser('2001', 'Ann');
    phone = await bootPhone({ family: 'yealink', mac: MAC, provisioningUrl: product.url });
    await phone.registered();
  });
  after(async () => {
    await phone.close();
    await product.close();
  });

  const dial = (number: string, keys = ''): Promise<readonly string[]> => heard(product, phone, number, keys);
  const setUp = (secret = pin): Promise<readonly string[]> => dial(`*552001*${secret}`);
  const wrongPin = (): string => (pin === '947201' ? '947202' : '947201');

  /** Until the phone is back, with the line that it has there. */
  async function move(tenant: string): Promise<void> {
    await product.cli('device', 'move', MAC, '--to', tenant);
    await waitFor(async () => (await product.steps(MAC)).at(-1) === 'done', {
      what: 'the phone to be back',
      limit: 30_000,
    });
  }

  /** Why nobody has got the phone, as its time-line has it; it is as it was before. */
  async function refusedFor(): Promise<unknown> {
    const { events, ...device } = await product.cli<{
      readonly events: readonly { readonly step: string; readonly detail: { readonly reason?: string } | null }[];
    }>('device', 'show', MAC);
    expect(device).to.include({ state: 'unassigned', extension: null });
    return events.findLast(({ step }) => step === 'refused')?.detail?.reason;
  }

  interface Refusal {
    readonly who: string;
    readonly change: readonly string[];
    readonly back: readonly string[];
    readonly prompt: string;
    readonly reason: string;
  }
  const REFUSALS: readonly Refusal[] = [
    {
      who: 'nobody at all, while it is switched off',
      change: ['system', 'set', '--self-provisioning', 'off'],
      back: ['system', 'set', '--self-provisioning', 'on'],
      prompt: 'switched-off',
      reason: 'switched_off',
    },
    {
      who: 'nobody of a tenant that has it switched off',
      change: ['tenant', 'set', '--self-provisioning', 'off'],
      back: ['tenant', 'set', '--self-provisioning', 'inherit'],
      prompt: 'switched-off',
      reason: 'switched_off',
    },
    {
      who: 'nobody of a profile that may not',
      change: ['profile', 'set', 'default', '--self-provisioning', 'off'],
      back: ['profile', 'set', 'default', '--self-provisioning', 'on'],
      prompt: 'not-allowed',
      reason: 'not_allowed',
    },
    {
      who: 'a user who may not',
      change: ['user', 'set', '2001', '--self-provisioning', 'off'],
      back: ['user', 'set', '2001', '--self-provisioning', 'on'],
      prompt: 'not-allowed',
      reason: 'not_allowed',
    },
    {
      who: 'a user who may have other phones only',
      change: ['profile', 'set', 'default', '--families', 'snom'],
      back: ['profile', 'set', 'default', '--families', 'any'],
      prompt: 'kind-not-allowed',
      reason: 'kind_not_allowed',
    },
    {
      who: 'nobody, when an administrator has blocked the phone',
      change: ['device', 'block', MAC],
      back: ['device', 'unblock', MAC],
      prompt: 'phone-blocked',
      reason: 'blocked',
    },
  ];
  for (const { who, change, back, prompt, reason } of REFUSALS) {
    it(`${who}: ${prompt}`, async () => {
      await product.cli(...change);
      expect(await setUp()).to.deep.equal([`en ${prompt}`]);
      expect(await refusedFor()).to.equal(reason);
      await product.cli(...back);
    });
  }

  it('a user who has as many phones as the profile allows: phone-limit', async () => {
    await product.cli('profile', 'set', 'default', '--phone-limit', '1');
    await product.cli('device', 'add', '--mac', '001565dd0002', '--family', 'yealink');
    await product.cli('device', 'assign', '001565dd0002', '2001');
    expect(await setUp()).to.deep.equal(['en phone-limit']);
    expect(await refusedFor()).to.equal('phone_limit');
    await product.cli('device', 'remove', '001565dd0002');
    await product.cli('profile', 'set', 'default', '--phone-limit', '10');
  });

  it('a user whose name the administrator’s own pjsip.conf has too, which would hide the phone: not-ready', async () => {
    const file = join(product.asteriskFiles, 'pjsip.conf');
    const before = await readFile(file, 'utf8');
    const own = (type: string, more: string): string => `\n[2001]\ntype = ${type}\n${more}\n`;
    const account = own('auth', 'username = 2001\npassword = another') + own('aor', 'max_contacts = 2');
    await writeFile(file, `${before}${account}${own('endpoint', 'auth = 2001\naors = 2001\ncontext = default')}`);
    await product.console('module reload res_pjsip.so');
    expect(await setUp()).to.deep.equal(['en not-ready']);
    expect(await refusedFor()).to.equal('shadowed');
    await writeFile(file, before);
    await product.console('module reload res_pjsip.so');
  });

  it('whoever keys a one-time code that an administrator takes back before the call is over: code-not-accepted', async () => {
    const { id, code } = await product.cli<{ id: string; code: string }>('code', 'new', '--user', '2001');
    const said = await played(product, async () => {
      const call = await callAndKey(phone, '*55', `${code}#`);
      const asked = async (): Promise<boolean> =>
        (await product.log()).some(({ msg, media }) => msg === 'says' && JSON.stringify(media).includes('confirm'));
      await waitFor(asked, { what: 'the question whether that is right', limit: 30_000 });
      await product.cli('code', 'remove', id);
      await phone.press('1');
      await call.ended(60_000);
    });
    expect(said.at(-1)).to.equal('en code-not-accepted');
    expect(await refusedFor()).to.equal('code_used');
  });

  it('nobody while the calls are not answered: switched-off', async () => {
    await product.cli('tenant', 'set', '--ivr', 'off');
    expect(await setUp()).to.deep.equal(['en switched-off']);
    expect(await dial('*56')).to.deep.equal(['en switched-off']);
    await product.cli('tenant', 'set', '--ivr', 'inherit');
  });

  it('giving back what nobody has: not-assigned', async () => {
    expect(await dial('*56')).to.deep.equal(['en not-assigned']);
  });

  it('a user of another customer, whose phone it is not: other-tenant', async () => {
    await move('acme');
    const { code } = await product.cli<{ code: string }>('code', 'new', '--user', '2001');
    // The phone calls in the name of its own tenant, where nobody has this code.
    expect(await dial(`*55${code}`)).to.deep.equal(['en other-tenant']);
    expect(await refusedFor()).to.equal('other_tenant');
    await move('default');
  });

  it('an extension that is not there, and a PIN that is not right, in the same words', async () => {
    expect(await dial(`*559999*${pin}`)).to.deep.equal(['en not-accepted']);
    expect(await setUp(wrongPin())).to.deep.equal(['en not-accepted']);
  });

  it('an administrator whose code is wrong is not asked for whom it is', async () => {
    await product.cli(
      ...['tenant', 'set', '--authentication', 'users_and_administrators', '--administrator-code', '774913'],
    );
    const said = await dial('*55', '0#111111#'.repeat(3));
    expect(said).to.include('en too-many-tries').and.not.include('en enter-user-extension');
    await product.cli('tenant', 'set', '--authentication', 'inherit');
  });

  it('the right PIN, once too many wrong ones were tried: the same words, until an administrator lifts the lock', async () => {
    for (let tries = 0; tries < 5; tries++) await setUp(wrongPin());
    expect(await setUp()).to.deep.equal(['en not-accepted']);
    expect(await product.cli('device', 'show', MAC)).to.include({ locked: true, state: 'unassigned' });
  });
});
