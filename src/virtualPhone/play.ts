import { randomInt } from 'node:crypto';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { SelfprovError } from '../domain/errors.ts';
import { families, type FamilyName } from './families/families.ts';
import { bootFleet, type FleetReport, type Percentiles } from './fleet.ts';
import { bootPhone } from './phone.ts';
import { inWords, shownUrl, type PhoneEvent } from './phoneEvents.ts';
import { runSession } from './session.ts';
import { addressesTowards, targetGuard, type Permission } from './targets.ts';

export interface PlayRequest {
  readonly family?: string;
  readonly model?: string;
  readonly mac?: string;
  /** What DHCP would tell the phone. */
  readonly url: string;
  /** Its own; one that is right for the server unless given. */
  readonly address?: string;
  readonly permission: Permission;
  readonly json: boolean;
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** Somebody sits at a terminal. */
  readonly isInteractive: boolean;
  /** When it comes the phones end. */
  readonly signal: AbortSignal;
}

export interface FleetRequest extends PlayRequest {
  readonly count: number;
  readonly over: number;
}

/** From a registration until a server has surely taken note of it. */
const NOTED_WITHIN_MS = 1000;

/** A phone that obeys what is typed, until that ends. It says goodbye to the registrar. */
export async function playPhone(request: PlayRequest): Promise<void> {
  const { json, output, input, signal } = request;
  const isInteractive = request.isInteractive && !json;
  const { family, name, model, firstMac: mac, mayAsk, nextAddress } = await prepared(request, 1);
  let lines: Interface | undefined;
  const write = (text: string, data: object): void => {
    if (json) return void output.write(`${JSON.stringify({ at: new Date().toISOString(), ...data })}\n`);
    // Over the prompt, which comes again below.
    output.write(`${isInteractive ? '\r\u001b[K' : ''}${text}\n`);
    if (isInteractive) lines?.prompt(true);
  };
  const onEvent = (happened: PhoneEvent): void => {
    const { event } = happened;
    if (event === 'sip') return;
    const told = 'url' in happened ? { ...happened, url: shownUrl(happened.url) } : happened;
    write(`${new Date().toTimeString().slice(0, 8)}  ${inWords(told)}`, told);
  };
  write(`${family} ${model}, MAC ${mac}`, { event: 'starts', family, model, mac });
  const { address = nextAddress(), url: provisioningUrl } = request;
  const phone = await bootPhone({
    family: name,
    model,
    mac,
    address,
    provisioningUrl,
    mayAsk,
    onEvent,
    keysBy: 'rfc4733',
  });
  const show = (text: string, state: object): void => write(text, { event: 'state', ...state });
  try {
    lines = createInterface({ input, output, terminal: isInteractive, prompt: `${model}> ` });
    await runSession({ phone, lines, output, isInteractive, show, signal });
    // Nobody who is told of a registration takes note of one that has gone by then.
    if (!isInteractive && !signal.aborted) await pause(NOTED_WITHIN_MS, undefined, { signal }).catch(() => undefined);
  } finally {
    await phone.close('unregister');
  }
}

/** Boots many and says how long they took; rejects when one has not registered. */
export async function playFleet(request: FleetRequest): Promise<void> {
  const { count, over, json, output, signal, url: provisioningUrl } = request;
  const { name, nextAddress, ...phones } = await prepared(request, count);
  let told = performance.now();
  const onBooted = (registered: number, failed: number): void => {
    if (json || performance.now() - told < 5000) return;
    told = performance.now();
    output.write(`${registered} registered, ${failed} failed ...\n`);
  };
  const { address } = request;
  const report = await bootFleet({
    ...{ ...phones, family: families[name], count, over, provisioningUrl, signal, onBooted },
    nextAddress: address === undefined ? nextAddress : () => address,
  });
  output.write(`${json ? JSON.stringify(report, null, 2) : fleetInWords(report)}\n`);
  const missing = report.asked - report.registered;
  if (missing > 0) throw new SelfprovError('unavailable', `${missing} of ${report.asked} phones are not registered`);
}

async function prepared({ family = FIRST, model, mac, url, permission }: PlayRequest, count: number) {
  if (!isKnown(family))
    throw new SelfprovError(
      'invalid',
      `how phones of the family ${JSON.stringify(family)} ask for their files is not known here; of these it is: ${Object.keys(families).join(', ')}`,
    );
  if (!/^(?:https?|tftp):\/\//.test(url) || !URL.canParse(url))
    throw new SelfprovError('invalid', `${JSON.stringify(url)} is no URL of files: http://host:port/ or tftp://host/`);
  const { hostname } = new URL(url);
  const mayAsk = targetGuard(permission);
  await mayAsk(hostname);
  const tail = randomInt(0x1000000 - count)
    .toString(16)
    .padStart(6, '0');
  return {
    family,
    name: family,
    model: model ?? families[family].model,
    firstMac: mac ?? `${families[family].oui}${tail}`,
    mayAsk,
    nextAddress: await addressesTowards(hostname),
  };
}

const [FIRST = ''] = Object.keys(families);

function isKnown(family: string): family is FamilyName {
  return Object.hasOwn(families, family);
}

function fleetInWords(report: FleetReport): string {
  const { asked, registered, failures, firstMac, lastMac } = report;
  const row = (name: string, times: Percentiles | null): readonly string[] =>
    times === null
      ? []
      : [
          [name.padEnd(12), ...[times.p50, times.p90, times.p99, times.max].map((ms) => `${ms} ms`.padStart(10))].join(
            '',
          ),
        ];
  return [
    `${asked} phones, ${firstMac} to ${lastMac}: ${registered} registered, ${asked - registered} failed`,
    ['            ', ...['p50', 'p90', 'p99', 'max'].map((name) => name.padStart(10))].join(''),
    ...row('files', report.files),
    ...row('REGISTER', report.register),
    ...row('whole boot', report.boot),
    ...failures.map(({ hop, reason, phones }) => `${String(phones).padStart(6)} failed at ${hop}: ${reason}`),
  ].join('\n');
}
