// The story of one phone, by the API alone and without any library: a user is made, the new phone is seen and given, what happens is
// watched until it is back, a template is changed after a look at what that does, the phone is told, taken back, and all that has
// happened is printed, one event a line.
//
//   selfprov token add story --scope read,write
//   SELFPROV_TOKEN=selfprov_… node docs/examples/story.mjs 00:15:65:aa:bb:cc 1500
import { setTimeout as pause } from 'node:timers/promises';

const base = process.env.SELFPROV_API ?? 'http://127.0.0.1:8481/api/v1';
const token = process.env.SELFPROV_TOKEN;
const tenant = process.env.SELFPROV_TENANT ?? 'default';
const [mac, extension] = process.argv.slice(2);
if (token === undefined || mac === undefined || extension === undefined) {
  process.stderr.write('usage: SELFPROV_TOKEN=selfprov_… node story.mjs MAC EXTENSION\n');
  process.exit(2);
}
/** Milliseconds that anything may take. */
const WITHIN = Number(process.env.SELFPROV_WITHIN ?? 120) * 1000;
const here = `/tenants/${encodeURIComponent(tenant)}`;
const device = `${here}/devices/${encodeURIComponent(mac)}`;
const say = (text) => process.stderr.write(`${text}\n`);

/** What the API answers; what it refuses ends the story with its own words. */
async function ask(method, path, { body, headers = {} } = {}) {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(WITHIN),
  });
  const text = await response.text();
  if (response.ok) return { body: text === '' ? undefined : JSON.parse(text), etag: response.headers.get('etag') };
  throw new Error(`${method} ${path}: ${response.status} ${JSON.parse(text).detail}`);
}

/** The latest event so far: what comes behind it is new. */
async function latest() {
  return (await ask('GET', `${here}/events?limit=1`)).body.items[0]?.id ?? '0';
}

/** Reads what happens until one of these steps happens to the phone; a stream that ends is taken up where it was. */
async function happens(steps, after) {
  const until = AbortSignal.timeout(WITHIN);
  let last = after;
  while (!until.aborted) {
    try {
      const headers = { Authorization: `Bearer ${token}`, 'Last-Event-ID': last };
      const response = await fetch(`${base}${here}/events/stream`, { headers, signal: until });
      if (!response.ok) throw new Error(`the stream is refused: ${response.status}`);
      let text = '';
      for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
        const parts = (text + piece).split('\n\n');
        text = parts.pop();
        for (const part of parts) {
          last = /^id: (.*)$/m.exec(part)?.[1] ?? last;
          const data = /^data: (.*)$/m.exec(part)?.[1];
          const event = data === undefined ? undefined : JSON.parse(data);
          if (event === undefined || !isOfThisPhone(event)) continue;
          say(`  ${event.step.replaceAll('_', ' ')}`);
          if (steps.includes(event.step)) return event;
        }
      }
    } catch (error) {
      if (until.aborted || !(error instanceof TypeError)) throw error;
    }
    await pause(1000);
  }
  throw new Error(`the phone has not come so far: ${steps.join(' or ')}`);
}

function isOfThisPhone(event) {
  const digits = (text) => text.toLowerCase().replaceAll(/[^0-9a-f]/g, '');
  return event.mac !== null && digits(event.mac) === digits(mac);
}

/** Until the API answers what is wanted: what nothing tells of. */
async function until(what, path, isSo) {
  for (const givenUp = Date.now() + WITHIN; Date.now() < givenUp; await pause(500)) {
    const { body } = await ask('GET', path);
    if (isSo(body)) return body;
  }
  throw new Error(`this has not come about: ${what}`);
}

/** Makes something, once, however often this is run within a day: the same request with the same key has the same answer. */
async function make(what, body) {
  const headers = { 'Idempotency-Key': `story-${tenant}-${extension}-${what}` };
  return (await ask('POST', `${here}/${what}`, { body, headers })).body;
}

const name = `story-${extension}`;
await make('device-templates', { name, settings: { language: 'en' } });
await make('profiles', { name, deviceTemplate: name });
const user = await make('users', { extension, name: 'Story', profile: name });
say(`User ${user.extension} has the PIN ${user.pin}, which is not shown again.`);

say(`Waiting for ${mac} to ask for its files …`);
const seen = await until(
  'a new phone',
  `${here}/devices?search=${encodeURIComponent(mac)}`,
  ({ count }) => count === 1,
);
say(`It is a ${seen.items[0].family} ${seen.items[0].model ?? ''}; it is given to ${extension}:`);
let from = await latest();
await ask('POST', `${device}/assign`, { body: { extension } });
const back = await happens(['done', 'failed'], from);
if (back.step === 'failed') throw new Error('the phone has not come back: switch it off and on');

const template = `${here}/device-templates/${name}`;
const change = { settings: { language: 'de' } };
const { etag } = await ask('GET', template);
const { body: preview } = await ask('POST', `${template}/preview`, { body: change });
for (const { devices, files } of preview.items) {
  say(`Files of ${devices} phone(s) would be different:`);
  for (const { name: file, lines } of files) say([`  ${file}`, ...lines.map((line) => `    ${line}`)].join('\n'));
}
// Unless somebody else has changed it meanwhile.
await ask('PATCH', template, { body: change, headers: { 'If-Match': etag } });
const { body: sync } = await ask('POST', `${here}/syncs`, { body: { deviceTemplate: name } });
say(`Roll-out ${sync.id}:`);
const ended = await until('the end of the roll-out', `${here}/syncs/${sync.id}`, ({ state }) => state !== 'running');
say(`  ${ended.state}, ${ended.counts.back} back, ${ended.counts.lost} lost`);

say('It is taken back:');
from = await latest();
await ask('POST', `${device}/release`, { body: {} });
await happens(['done', 'failed'], from);

// A page at a time, the latest first.
const events = [];
for (let after = ''; after !== null;) {
  const { body } = await ask('GET', `${here}/events?limit=500${after === '' ? '' : `&after=${after}`}`);
  events.push(...body.items.filter(isOfThisPhone));
  after = body.next;
}
for (const event of events.toReversed()) process.stdout.write(`${JSON.stringify(event)}\n`);
