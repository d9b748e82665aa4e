// Prints figures, asserts nothing: `sh scripts/bench.sh`. Two questions: how long a person waits, and how many files per second
// the listener for phones serves beside a bare node:http server that returns the same bytes in the same run.
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { openTestCore } from '../test/support/core.ts';
import { bootPhone } from '../test/support/phone.ts';
import { startPhonesListener } from '../test/support/phonesListener.ts';
import { startProduct } from '../test/support/product.ts';
import { waitFor } from '../test/support/wait.ts';

const CALLS = 5;
const MAC = '001565aabb01';
const USER_AGENT = 'Yealink SIP-T46S 66.86.0.15 00:15:65:aa:bb:01';
const SECONDS = 5;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const spread = (values: readonly number[]): string => {
  const sorted = values.toSorted((a, b) => a - b);
  return `min ${sorted[0]}  median ${sorted[sorted.length >> 1]}  max ${sorted.at(-1)}`;
};

await measureHandOvers();
await measureFiles();

async function measureHandOvers(): Promise<void> {
  const product = await startProduct();
  const events = new WebSocket(`${product.ariEvents}&app=bench&subscribeAll=true`);
  const seen: { type: string; at: number }[] = [];
  events.addEventListener('message', ({ data }) => {
    const { type, timestamp } = JSON.parse(String(data)) as { type: string; timestamp: string };
    seen.push({ type, at: Date.parse(timestamp) });
  });
  const last = (type: string): number => seen.findLast((event) => event.type === type)?.at ?? Number.NaN;
  const toAccepted: number[] = [];
  const toNotify: number[] = [];
  for (let i = 0; i < CALLS; i++) {
    const extension = String(3000 + i);
    const pin = await product.addUser(extension, 'Ann Lee');
    const phone = await bootPhone({ family: 'yealink', mac: `00156500000${i}`, provisioningUrl: product.url });
    await phone.registered();
    const call = await phone.dial('*55');
    await call.established();
    await phone.press(`${extension}#${pin}#1`);
    const notify = await phone.notified(30_000);
    const accepted = await waitFor(
      async () => (await product.log()).find((line) => line['step'] === 'accepted' && line['device'] === phone.mac),
      { what: 'the acceptance' },
    );
    toAccepted.push(Date.parse(String(accepted['time'])) - last('ChannelDtmfReceived'));
    toNotify.push(Math.round(notify.at - last('ChannelDestroyed')));
    await phone.close();
  }
  events.close();
  await product.close();
  say(`last digit received -> accepted transaction, ms over ${CALLS} calls: ${spread(toAccepted)}`);
  say(`hang-up -> NOTIFY received by the phone, ms:                      ${spread(toNotify)}`);
}

async function measureFiles(): Promise<void> {
  const core = await openTestCore();
  const listener = await startPhonesListener(core);
  const url = `http://127.0.0.1:${listener.port}/${MAC}.cfg`;
  const body = Buffer.from(await (await fetch(url, { headers: { 'user-agent': USER_AGENT } })).arrayBuffer());
  const bare = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/plain; charset=utf-8').end(body);
  });
  await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve));
  const bareUrl = `http://127.0.0.1:${(bare.address() as AddressInfo).port}/`;

  say(`\nfiles per second, one process, ${body.length} bytes, wrk with 16 connections for ${SECONDS} s`);
  say('                    kept alive   one connection per request');
  for (const [name, target] of [
    ['bare node:http', bareUrl],
    ['selfprov', url],
  ] as const) {
    const [kept, single] = [await load(target), await load(target, 'Connection: close')];
    say(`${name.padEnd(20)}${String(kept).padEnd(13)}${single}`);
  }
  await new Promise((resolve) => bare.close(resolve));
  await listener.close();
  await core.close();
}

async function load(url: string, ...headers: readonly string[]): Promise<number> {
  const all = [`User-Agent: ${USER_AGENT}`, ...headers].flatMap((header) => ['-H', header]);
  const { stdout } = await promisify(execFile)('wrk', ['-t1', '-c16', `-d${SECONDS}s`, ...all, url]);
  if (/Non-2xx/.test(stdout)) throw new Error(stdout);
  return Math.round(Number(/Requests\/sec: +([\d.]+)/.exec(stdout)?.[1]));
}
