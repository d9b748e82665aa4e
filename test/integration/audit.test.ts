import { expect } from 'chai';
import type { Event } from '../../src/domain/journal.ts';
import { readConfig } from '../../src/config.ts';
import { forgetTheOld, retentionOf } from '../../src/administration/retention.ts';
import { command } from '../support/command.ts';
import { openTestCore, type TestCore } from '../support/core.ts';

const SECRETS = ['840271', '73190528', '50482917', 'Pa55word'] as const;

/** What an administrator types, and what its event says; `null` where nothing was changed. */
const DEEDS: readonly (readonly [string, string, Readonly<Record<string, unknown>>])[] = [
  ['user add 1500 --name Ann --pin 840271', 'user_added', { extension: '1500', name: 'Ann' }],
  ['user set 1500 --name Anna', 'user_changed', { extension: '1500', name: 'Ann → Anna' }],
  ['user set 1500 --language de', 'user_changed', { extension: '1500', language: 'de' }],
  ['user set 1500 --language fr', 'user_changed', { extension: '1500', language: 'de → fr' }],
  ['user set 1500 --password 73190528', 'user_changed', { extension: '1500', password: 'changed' }],
  ['user set 1500 --web-password Pa55word', 'user_changed', { extension: '1500', webPassword: '[secret]' }],
  ['user set 1500 --self-provisioning off', 'user_changed', { extension: '1500', selfProvisioning: 'on → off' }],
  ['user new-pin 1500 --pin 940273', 'pin_changed', { extension: '1500' }],
  ['user unlock 1500', 'unlocked', { extension: '1500' }],
  ['profile add Sales', 'created', { what: 'profile', name: 'Sales' }],
  ['profile set Sales --phone-limit 7', 'changed', { what: 'profile', name: 'Sales', phoneLimit: '10 → 7' }],
  ['user set 1500 --profile Sales', 'user_changed', { extension: '1500', profile: 'Default → Sales' }],
  ['line-template add Out', 'created', { what: 'line template', name: 'Out' }],
  ['line-template set Out --srtp on', 'changed', { what: 'line template', name: 'Out', srtp: 'on' }],
  ['line-template remove Out --yes', 'deleted', { what: 'line template', name: 'Out' }],
  ['tenant set --emergency 112', 'tenant_changed', { emergencyNumbers: '["112","911"] → ["112"]' }],
  ['tenant set --administrator-code 50482917', 'tenant_changed', { administratorCode: 'changed' }],
  ['system set --self-provisioning off', 'changed', { what: 'system', name: 'system', selfProvisioning: 'on → off' }],
  ['device add --family yealink --mac 001565aabb01', 'enrolled', {}],
  ['device set 001565aabb01 --note hall', 'device_changed', { note: 'hall' }],
  ['device set 001565aabb01 --note lobby', 'device_changed', { note: 'hall → lobby' }],
  ['device block 001565aabb01', 'blocked', {}],
  ['device unblock 001565aabb01', 'unblocked', {}],
  ['device remove 001565aabb01 --yes', 'removed', {}],
  ['user remove 1500 --yes', 'user_removed', { extension: '1500', name: 'Anna' }],
];

describe('Whatever an administrator changes', () => {
  let core: TestCore;
  before(async () => {
    core = await openTestCore();
  });
  after(() => core.close());

  const last = async (): Promise<Event | undefined> => (await core.store.events({ limit: 1 })).at(-1);

  for (const [typed, step, detail] of DEEDS) {
    it(`is written down with who did it, what was and what is: ${typed}`, async () => {
      await command(core, ...typed.split(' '));
      const event = await last();
      expect(event).to.include({ step, actor: core.actor });
      expect(event?.detail).to.include(detail);
    });
  }

  it('is written down without a secret', async () => {
    const all = JSON.stringify(await core.store.events({ limit: 1000 }));
    for (const secret of [...SECRETS, '940273']) expect(all).not.to.contain(secret);
  });

  it('is kept for as many days as are set', async () => {
    const day = 24 * 60 * 60_000;
    for (const days of [1, 3])
      await core.store.addEvent({
        step: 'changed',
        tenantId: 'default',
        at: Date.now() - days * day,
        detail: { days },
      });
    const { keptDays } = readConfig({ ...core.environment, SELFPROV_KEEP_EVENTS: '2', SELFPROV_KEEP_DEVICES: '5' });
    expect(keptDays).to.deep.equal({ events: 2, devices: 5 });
    await forgetTheOld(core, retentionOf(keptDays));
    const left = (await core.store.events({ step: 'changed', limit: 100 })).flatMap(
      ({ detail }) => detail['days'] ?? [],
    );
    expect(left).to.deep.equal([1]);
  });

  it('is kept for 400 days, and a device for 90, unless somebody says otherwise', () => {
    expect(readConfig(core.environment).keptDays).to.deep.equal({ events: 400, devices: 90 });
  });
});
