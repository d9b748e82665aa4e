import { callAndKey } from './callAndKey.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import type { Product } from './product.ts';

/**
 * Names of the prompts that are played while `work` goes on, digits too, with the language before each: `en welcome`. The
 * product must log at the level `debug`.
 */
export async function played(product: Pick<Product, 'log'>, work: () => Promise<unknown>): Promise<readonly string[]> {
  const before = (await product.log()).length;
  await work();
  const said = (await product.log()).slice(before).filter(({ msg }) => msg === 'says');
  return said.flatMap(({ media }) => (media as string[]).map((each) => each.split('/').slice(-2).join(' ')));
}

/** What somebody hears who calls from this phone, keys that, and waits for the end. */
export function heard(
  product: Pick<Product, 'log'>,
  phone: Phone,
  number: string,
  keys = '',
): Promise<readonly string[]> {
  return played(product, async () => {
    const call = await (keys === '' ? phone.dial(number) : callAndKey(phone, number, keys));
    await call.ended(60_000);
  });
}
