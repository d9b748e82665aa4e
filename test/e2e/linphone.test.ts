import { expect } from 'chai';
import { installLinphone, type Linphone } from '../support/linphone.ts';
import { startProduct, type Product } from '../support/product.ts';
import { waitFor } from '../support/wait.ts';

/** A locally administered address: the app has none of its own. */
const MAC = '020000aa0001';

interface Shown {
  readonly state: string;
  readonly family: string;
  readonly extension: string | null;
  readonly account: string;
  readonly registered: boolean;
}

describe('A real Linphone', function () {
  this.timeout(90_000);
  let product: Product;
  let app: Linphone;
  let pin: string;

  before(async () => {
    product = await startProduct();
    pin = await product.addUser('1500', 'Ann "Annie" Lee');
    app = await installLinphone(`${product.url}linphone.xml?mac=${MAC}`);
  });
  after(async () => {
    await app.remove();
    await product.close();
  });

  async function comesToBe(wanted: Partial<Shown>): Promise<void> {
    const shown = async (): Promise<Shown> => product.cli<Shown>('device', 'show', MAC);
    await waitFor(async () => expect(await shown()).to.include(wanted), {
      what: JSON.stringify(wanted),
      limit: 20_000,
    });
  }

  async function fetched(): Promise<number> {
    const lines = await product.log();
    return lines.filter(({ path, status }) => String(path).startsWith('/linphone.xml') && status === 200).length;
  }

  it('fetches its configuration from us and registers with a default line of its own', async () => {
    await app.open();
    await comesToBe({ family: 'linphone', state: 'unassigned', registered: true });
    const { lines } = await product.cli<{ lines: readonly { account: string }[] }>('device', 'show', MAC);
    expect(lines.map(({ account }) => account).join()).to.match(new RegExp(`^phone-${MAC}-`));
  });

  it('becomes its user’s by one call, and fetches and registers as the user’s when it is started again', async () => {
    await app.dial('*55');
    await app.press(`1500#${pin}#1`);
    await app.callEnded();
    expect(await product.steps(MAC)).to.include('accepted');
    await app.close();
    await app.open();
    await comesToBe({ state: 'assigned', extension: '1500', registered: true });
    await waitFor(async () => (await product.steps(MAC)).includes('done'), { what: 'the end of the hand-over' });
  });

  it('keeps fetching with the proof that its last file gave it', async () => {
    const before = await fetched();
    await app.close();
    await app.open();
    await waitFor(async () => (await fetched()) > before, { what: 'its file being fetched once more', limit: 10_000 });
    await comesToBe({ state: 'assigned', extension: '1500', registered: true });
  });
});
