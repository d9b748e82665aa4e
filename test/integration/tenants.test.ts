import { expect } from 'chai';
import { openStage, type Stage } from '../support/stage.ts';
import { refusalOf } from '../support/refusal.ts';

describe('Tenants beside each other', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
    await stage.run('tenant add acme --urls https://phones.example/acme/ --networks 10.7.0.0/16');
  });
  afterEach(() => stage.close());

  const refusal = async (words: string): Promise<string> => (await refusalOf(stage.run(words))).message;

  it('are named in what is refused', async () => {
    expect(await refusal('tenant add acme')).to.equal('tenant acme exists already');
    expect(await refusal('tenant remove acne')).to.contain('no tenant acne');
  });

  it('have no door in common, so that it is known whose a new phone is', async () => {
    await stage.run('tenant add beta');
    for (const door of ['--urls https://phones.example/acme/', '--networks 10.7.0.0/16'])
      expect(await refusal(`--tenant beta tenant set ${door}`)).to.contain('is of tenant acme already');
    await stage.run('--tenant acme tenant set --urls https://phones.example/acme/ --networks 10.8.0.0/16');
    await stage.run('--tenant beta tenant set --networks 10.7.0.0/16');
  });

  it('show what new users and new phones of theirs get, for each family that differs', async () => {
    await stage.run('device-template add Lobby --language fr');
    await stage.run('line-template add Short --expiry 120');
    await stage.run('profile add Sales');
    const said = await stage.run('tenant set --profile Sales --new-phones-line Short');
    expect(said)
      .to.match(/^Profile of new users: +Sales$/m)
      .and.to.match(/^New phones: +device template Default, line template Short$/m);
    expect(await refusal('tenant set --new-phones Lobby --family yelink')).to.contain('no family yelink');
    expect(await refusal('tenant set --new-phones none')).to.contain('--family');
    await stage.run('tenant set --new-phones Lobby --family yealink');
    expect(await stage.run('tenant show')).to.match(/^New phones, yealink: +device template Lobby$/m);
    await stage.run('tenant set --new-phones none --family yealink');
    expect(await stage.run('tenant show')).to.not.contain('yealink');
  });

  it('have their own URL in all that sends phones there', async () => {
    const own = 'https://phones.example/acme/';
    expect(await stage.run('--tenant acme dhcp dnsmasq')).to.contain(own);
    expect(await stage.run('dhcp dnsmasq')).to.not.contain(own);
    const { mac, url } = await stage.json<{ mac: string; url: string }>('--tenant acme device add --family linphone');
    expect(url).to.match(new RegExp(`^${own}p/`));
    expect((await stage.json<{ url: string }>(`device url ${mac}`)).url).to.match(new RegExp(`^${own}p/`));
  });

  it('are warned of when their new phones can call no emergency number', async () => {
    expect(await stage.run('tenant set --emergency none')).to.match(/^WARNING: .*emergency/m);
    expect(await stage.run('tenant set --emergency 112')).to.not.contain('WARNING');
  });

  it('have users whose calls start in a context of their own, also when another one is taken back', async () => {
    await stage.run('--tenant acme tenant set --context sales');
    expect(await stage.run('--tenant acme tenant set --context inherit')).to.match(/context: +users-acme$/m);
    await stage.addUser('1500', { tenantId: 'acme' });
    expect(await stage.run('--tenant acme user show 1500 --effective')).to.match(/context +users-acme/);
  });
});
