import { expect } from 'chai';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import { startProduct, type Product } from '../support/product.ts';

const EXTENSIONS = ['1500', '1501'] as const;
type Extension = (typeof EXTENSIONS)[number];

/** Two customers: their numbers are the same, and each has its own for selfprov and for emergencies. */
const TENANTS = {
  default: { endpoint: '', setUp: '*55', giveBack: '*56', number: '*57', emergency: '112', path: '', oui: '001565' },
  acme: {
    endpoint: 'acme-',
    setUp: '*65',
    giveBack: '*66',
    number: '*67',
    emergency: '113',
    path: 'acme/',
    oui: '805ec0',
  },
} as const;
type TenantId = keyof typeof TENANTS;
const IDS: readonly TenantId[] = ['default', 'acme'];
const otherThan = (id: TenantId): TenantId => (id === 'default' ? 'acme' : 'default');

describe('Two tenants with the same extensions', function () {
  this.timeout(90_000);
  let product: Product;
  const pins = new Map<string, string>();
  const phones = new Map<string, Phone>();
  const phoneOf = (id: TenantId, extension: Extension): Phone => {
    const phone = phones.get(`${id} ${extension}`);
    if (phone === undefined) throw new Error(`there is no phone ${extension} of ${id}`);
    return phone;
  };
  const nameOf = (id: TenantId, extension: Extension): string => `${extension} at ${id}`;

  before(async () => {
    product = await startProduct({}, async ({ cli, url }) => {
      const { setUp, giveBack, number, emergency, path } = TENANTS.acme;
      await cli('tenant', 'add', 'acme', '--urls', `${url}${path}`);
      const numbers = ['--extension', setUp, '--release-extension', giveBack, '--number-extension', number];
      await cli('--tenant', 'acme', 'tenant', 'set', ...numbers, '--emergency', emergency);
      await cli('tenant', 'set', '--emergency', TENANTS.default.emergency);
    });
    for (const id of IDS) {
      for (const [at, extension] of EXTENSIONS.entries()) {
        pins.set(`${id} ${extension}`, await product.addUser(extension, nameOf(id, extension), id));
        const { oui, path } = TENANTS[id];
        const provisioningUrl = `${product.url}${path}`;
        phones.set(
          `${id} ${extension}`,
          await bootPhone({ family: 'yealink', mac: `${oui}ae000${at}`, provisioningUrl }),
        );
      }
    }
  });
  after(async () => {
    for (const phone of phones.values()) await phone.close();
    await product.close();
  });

  async function isAnswered(phone: Phone, number: string): Promise<boolean> {
    const call = await phone.dial(number);
    const isUp = await call.established().then(
      () => true,
      () => false,
    );
    await call.hangUp();
    return isUp;
  }

  /** Names in the calls that have ever come in. */
  const isCalledBy = ({ messages, address }: Phone): readonly string[] => {
    const invites = messages.filter(({ method, from }) => method === 'INVITE' && !from.startsWith(`${address}:`));
    return [...new Set(invites.map((invite) => /^"?([^"<]*)/.exec(invite.header('From') ?? '')?.[1] ?? ''))];
  };

  for (const id of IDS) {
    const { setUp, number, emergency, path, endpoint } = TENANTS[id];

    it(`new phones that come through the URL of ${id} are its own, and go on asking there`, async () => {
      for (const extension of EXTENSIONS) {
        const phone = phoneOf(id, extension);
        const { user } = await phone.registered({ as: `phone-${phone.mac}` });
        expect(phone.deliveryUrl).to.match(new RegExp(`^${product.url}${path}p/[A-Za-z0-9]+/$`));
        expect(phone.reading.keys.map(({ value }) => value)).to.include(setUp);
        expect(await product.cli('device', 'show', phone.mac)).to.include({ tenantId: id, state: 'unassigned' });
        const context = id === 'default' ? 'selfprov-default-line' : `selfprov-${id}-default-line`;
        expect(await product.console(`pjsip show endpoint ${user}`)).to.match(new RegExp(` context +: ${context}\\b`));
      }
    });

    it(`a default line of ${id} reaches the emergency number and the feature numbers of ${id}, and no others`, async () => {
      const phone = phoneOf(id, '1500');
      for (const own of [emergency, setUp, number]) expect(await isAnswered(phone, own), own).to.equal(true);
      const others = TENANTS[otherThan(id)];
      for (const far of [others.emergency, others.setUp, others.giveBack, others.number, '1501'])
        expect(await isAnswered(phone, far), far).to.equal(false);
    });

    it(`users of ${id} set up their phones with the number of ${id}`, async () => {
      for (const extension of EXTENSIONS) {
        const phone = phoneOf(id, extension);
        await phone.dial(`${setUp}${extension}*${pins.get(`${id} ${extension}`)}`);
        await phone.registered({ as: `${endpoint}${extension}`, limit: 30_000 });
        expect(phone.deliveryUrl).to.match(new RegExp(`^${product.url}${path}p/[A-Za-z0-9]+/$`));
      }
    });
  }

  it('PJSIP/1500 is the name of the first tenant’s', async () => {
    const contacts = await product.console('pjsip show aor 1500');
    expect(contacts).to.include(phoneOf('default', '1500').address);
    expect(contacts).not.to.include(phoneOf('acme', '1500').address);
  });

  for (const id of IDS) {
    const { number, giveBack, path } = TENANTS[id];

    it(`1500 of ${id} reaches 1501 of ${id}, who sees who calls`, async () => {
      const [from, to] = [phoneOf(id, '1500'), phoneOf(id, '1501')];
      const call = await from.dial('1501');
      const rings = await to.rings();
      expect(rings.callerId).to.deep.equal({ number: '1500', name: nameOf(id, '1500') });
      await rings.answer();
      await call.established();
      await call.hearsTone(to.tone);
      await rings.hearsTone(from.tone);
      await call.hangUp();
      await rings.ended();
      expect(isCalledBy(to), 'the caller of this tenant alone').to.deep.equal([nameOf(id, '1500')]);
    });

    it(`a user of ${id} has the feature numbers of ${id}, and a phone that is taken back stays with ${id}`, async () => {
      const phone = phoneOf(id, '1500');
      const others = TENANTS[otherThan(id)];
      for (const own of [number, giveBack]) expect(await isAnswered(phone, own), own).to.equal(true);
      for (const far of [others.number, others.giveBack]) expect(await isAnswered(phone, far), far).to.equal(false);
      await product.cli('device', 'release', phone.mac);
      await phone.registered({ as: `phone-${phone.mac}`, limit: 30_000 });
      expect(phone.deliveryUrl).to.match(new RegExp(`^${product.url}${path}p/`));
      expect(await product.cli('device', 'show', phone.mac)).to.include({ tenantId: id, state: 'unassigned' });
    });
  }
});
