import { bootPhone } from '../../src/virtualPhone/phone.ts';
import { startProduct, type Product } from '../../test/support/product.ts';
import { BUILT } from '../../test/support/selfprovProcess.ts';
import { waitFor } from '../../test/support/wait.ts';
import type { Part } from './bench.ts';
import { during, type Keep } from './during.ts';
import { middle, type Figure } from './figure.ts';

/** How long a person waits, with a real Asterisk and a real user agent. */
export const handOvers: Part = ({ isQuick }) => during((keep) => handOversOf(keep, isQuick ? 1 : 5));

async function handOversOf(keep: Keep, calls: number): Promise<readonly Figure[]> {
  const product = keep(await startProduct({}, () => Promise.resolve(), BUILT));
  const events = new WebSocket(`${product.ariEvents}&app=bench&subscribeAll=true`);
  const seen: { type: string; at: number }[] = [];
  events.addEventListener('message', ({ data }) => {
    const { type, timestamp } = JSON.parse(String(data)) as { type: string; timestamp: string };
    seen.push({ type, at: Date.parse(timestamp) });
  });
  const last = (type: string): number => seen.findLast((event) => event.type === type)?.at ?? Number.NaN;
  const [toAccepted, toNotify] = [[] as number[], [] as number[]];
  for (let i = 0; i < calls; i++) {
    const { acceptedAt, notifiedAt } = await handOver(product, i);
    toAccepted.push(acceptedAt - last('ChannelDtmfReceived'));
    toNotify.push(notifiedAt - last('ChannelDestroyed'));
  }
  events.close();
  const figure = (what: string, values: readonly number[]): Figure => {
    return { what: `${what}, ${calls} calls`, ...middle(values), unit: 'ms' };
  };
  return [
    figure('last digit received until the phone is the user’s', toAccepted),
    figure('hang-up until the phone has its NOTIFY', toNotify),
  ];
}

async function handOver(
  product: Product,
  at: number,
): Promise<{ readonly acceptedAt: number; readonly notifiedAt: number }> {
  const extension = String(3000 + at);
  const pin = await product.addUser(extension, 'Ann Lee');
  const phone = await bootPhone({ family: 'yealink', mac: `00156500000${at}`, provisioningUrl: product.url });
  await phone.registered();
  const call = await phone.dial('*55');
  await call.established();
  await call.hearsSound();
  await phone.press(`${extension}#${pin}#1`);
  const notify = await phone.notified(30_000);
  const accepted = await waitFor(
    async () => (await product.log()).find((line) => line['step'] === 'accepted' && line['device'] === phone.mac),
    { what: 'the acceptance' },
  );
  await phone.close();
  return { acceptedAt: Date.parse(String(accepted['time'])), notifiedAt: notify.at };
}
