import { freePort, freePorts, takePortsBetween } from '../../src/virtualPhone/freePorts.ts';

const [first = 20_000, last = 29_999] = (process.env['SELFPROV_TEST_PORTS'] ?? '20000-29999').split('-').map(Number);
takePortsBetween(first, last);

export { freePort, freePorts };
