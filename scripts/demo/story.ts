import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { formatMac } from '../../src/domain/mac.ts';
import { families, type FamilyName } from '../../src/virtualPhone/families/families.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import { inWords, shownUrl, type PhoneEvent } from '../../src/virtualPhone/phoneEvents.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import { SAMPLE_RATE, share } from '../../src/virtualPhone/recording.ts';
import { waitFor } from '../../src/virtualPhone/wait.ts';
import { converse, PROMPTS } from './conversation.ts';
import { promptsIn, readWave } from './hear.ts';
import type { Place } from './picture.ts';
import type { Server } from './server.ts';
import type { Teller } from './teller.ts';

export interface Telling {
  readonly server: Server;
  readonly teller: Teller;
  /** Recordings while they are made. */
  readonly folder: string;
  /** Where what shall stay is left. */
  readonly results: string;
  /** For each phone that is on: it is to be closed at the end, whatever happens. */
  onPhone(phone: Phone): void;
}

interface Person {
  readonly extension: string;
  readonly name: string;
  readonly pin: string;
}

interface Played {
  readonly phone: Phone;
  readonly place: Place;
  readonly person: Person;
  readonly recordings: string;
}

const SERVER: Place = 'selfprov and Asterisk';

/** Everything that selfprov is for, from the box to the phone that is given back. Rejects at the first thing that is not so. */
export async function tellStory(telling: Telling): Promise<void> {
  const { server, teller } = telling;
  const ann = await addUser(server, '1500', 'Ann Lee');
  const bob = await addUser(server, '1501', 'Bob Ray');
  teller.say('two users, each with a PIN: 1500 Ann Lee, 1501 Bob Ray');

  const first = await outOfTheBox(telling, 'boot', 'first phone', 'yealink', ann);
  await setUp(telling, 'setup', first, true);
  const second = await outOfTheBox(telling, 'second-boot', 'second phone', 'snom', bob);
  await setUp(telling, 'second-setup', second, false);
  await callEachOther(telling, first, second);
  await giveBack(telling, first);
}

async function addUser(server: Server, extension: string, name: string): Promise<Person> {
  const { pin } = await server.cli<{ pin: string }>('user', 'add', extension, '--name', name);
  return { extension, name, pin };
}

async function outOfTheBox(
  { server, teller, folder, onPhone }: Telling,
  step: string,
  place: Place,
  family: FamilyName,
  person: Person,
): Promise<Played> {
  const { model, oui } = families[family];
  const mac = `${oui}d00001`;
  const recordings = join(folder, family);
  mkdirSync(recordings);
  teller.part(
    step,
    `A phone out of the box, ${family} ${model}, ${formatMac(mac)}, is plugged in: it knows a URL, from DHCP`,
  );
  const phone = await bootPhone({
    ...{ family, mac, provisioningUrl: server.url, recordings, keysBy: 'rfc4733' },
    onEvent: (happened) => tell(teller, place, server.url, happened),
  });
  onPhone(phone);
  await phone.registered({ as: `phone-${mac}`, limit: 20_000 });
  teller.say(`shows  “${phone.reading.lines[0]?.label}”: a line of its own, which reaches *55 and emergency numbers`);
  return { phone, place, person, recordings };
}

async function setUp(telling: Telling, step: string, played: Played, isPatient: boolean): Promise<void> {
  const { server, teller, results } = telling;
  const { phone, person, place } = played;
  const pin = { keys: `${person.pin}#`, shown: `${'•'.repeat(person.pin.length)}#` };
  const extension = { keys: `${person.extension}#`, shown: `${person.extension}#` };
  const yes = { keys: '1', shown: '1' };
  teller.part(step, `${person.name} dials *55 from it${isPatient ? '' : ', and knows what will be asked'}`);
  const { played: prompts, at: over } = await converse({
    ...{ server, teller, place, phone, number: '*55', isPatient, boundTo: `${person.extension} ${person.name}` },
    answers: { 'enter-extension': extension, 'enter-pin': pin, confirm: yes, language: extension },
  });
  await phone.registered({ as: person.extension, limit: 60_000 });
  const took = Date.now() - over;
  teller.say(
    `shows  “${phone.reading.lines[0]?.label}”, ${(took / 1000).toFixed(1)} s after the call: no administrator has touched it`,
  );
  if (isPatient) compareSound(teller, played, prompts, join(results, 'heard.wav'));
  await ended(server, phone.mac);
}

async function callEachOther({ teller }: Telling, first: Played, second: Played): Promise<void> {
  const [{ phone: one, person: ann }, { phone: other, person: bob }] = [first, second];
  teller.part('call', `${ann.name} calls ${bob.name}`);
  const outgoing = await one.dial(bob.extension);
  const incoming = await other.rings(10_000);
  const { number, name } = incoming.callerId;
  teller.say(`second phone: shows “${name}” ${number}`);
  await incoming.answer();
  await outgoing.established();
  await Promise.all([outgoing.hearsTone(other.tone, 10_000), incoming.hearsTone(one.tone, 10_000)]);
  const at = Date.now();
  await pause(1500);
  await outgoing.hangUp();
  await incoming.ended();
  for (const [hearer, speaker] of [
    [first, second],
    [second, first],
  ] as const) {
    const { tone } = speaker.phone;
    const heard = readWave(recordingOf(hearer)).slice(-SAMPLE_RATE);
    const part = share([...heard], tone);
    if (part < 0.9)
      throw new Error(`${hearer.person.name} hears no clean tone of ${tone} Hz: ${percent(part)} of the sound`);
    teller.say(
      `${hearer.person.name} hears the ${tone} Hz that ${speaker.person.name} sends: ${percent(part)} of the sound's power`,
    );
    teller.draw(speaker.place, hearer.place, `${tone} Hz, ${percent(part)} of what is heard`, at);
  }
}

async function giveBack(telling: Telling, played: Played): Promise<void> {
  const { server, teller, results } = telling;
  const { phone, place } = played;
  teller.part('release', `${played.person.name} gives the phone back: *56`);
  const { pin } = played.person;
  const { played: prompts } = await converse({
    ...{ server, teller, place, phone, number: '*56', isPatient: true },
    answers: {
      'enter-pin': { keys: `${pin}#`, shown: `${'•'.repeat(pin.length)}#` },
      'release-confirm': { keys: '1', shown: '1' },
    },
  });
  await phone.registered({ as: `phone-${phone.mac}`, limit: 60_000 });
  teller.say(`shows  “${phone.reading.lines[0]?.label}”: as it came out of the box, for the next one`);
  compareSound(teller, played, prompts, join(results, 'heard-release.wav'));
}

/** What the caller has heard, by ear: the prompts found in the sound must be those that selfprov says it has played. */
function compareSound(teller: Teller, played: Played, prompts: readonly string[], target: string): void {
  copyFileSync(recordingOf(played), target);
  const heard = promptsIn(target, PROMPTS);
  const names = heard.map(({ prompt }) => prompt).join(' ');
  if (names !== prompts.join(' '))
    throw new Error(`played was ${prompts.join(' ')}, but heard, in ${target}: ${names === '' ? 'nothing' : names}`);
  const least = Math.min(...heard.map(({ likeness }) => likeness));
  teller.say(
    `all ${heard.length} prompts are in the recording of what the phone heard, in order, at least ${percent(least)} alike`,
  );
}

function recordingOf({ recordings }: Played): string {
  const [name] = readdirSync(recordings).filter((file) => file.endsWith('-dec.wav'));
  if (name === undefined) throw new Error(`there is no recording in ${recordings}`);
  return join(recordings, name);
}

/** selfprov has seen that the phone is back. */
async function ended(server: Server, mac: string): Promise<void> {
  const isDone = async (): Promise<boolean> =>
    (await server.log()).some(({ msg, device }) => msg === 'done' && device === mac);
  await waitFor(isDone, { what: `the end of the hand-over of ${mac}`, limit: 20_000, every: 50 });
}

function tell(teller: Teller, place: Place, url: string, happened: PhoneEvent): void {
  const path = (of: string): string => shownUrl(of).replace(url, '/');
  switch (happened.event) {
    case 'sip':
      return;
    case 'fetched':
      teller.say(`GET ${path(happened.url).padEnd(36)} ${happened.status}`);
      return teller.draw(place, SERVER, `GET ${path(happened.url)}  ${happened.status}`);
    case 'registered':
      teller.draw(place, SERVER, `REGISTER ${happened.as}`);
      break;
    case 'notified':
      teller.draw(SERVER, place, `NOTIFY ${happened.name}`);
      break;
    case 'calls':
      teller.draw(place, SERVER, `INVITE ${happened.peer}`);
      break;
    case 'rings':
      teller.draw(SERVER, place, `INVITE, from ${happened.peer}`);
      break;
    case 'hung up':
      if (happened.reason === 'hung up') teller.draw(place, SERVER, 'hangs up');
      else teller.draw(SERVER, place, 'the call is over');
      break;
    case 'unanswered':
    case 'refused':
    case 'restarts':
    case 'talks':
    case 'trouble':
      break;
  }
  teller.say(`${teller.step() === 'call' ? `${place}: ` : ''}${inWords(happened)}`);
}

function percent(part: number): string {
  return `${(part * 100).toFixed(0)} %`;
}
