import type { Event } from '../../src/domain/journal.ts';
import { openStore, type OpenStore } from '../../src/store/open.ts';
import { FIRST_TENANT, openTestCore, type TestCore } from '../support/core.ts';
import { explore } from './explore.ts';
import type { World } from './world.ts';

/** `SELFPROV_STORIES` and `SELFPROV_SEED` give another number of stories, and where to begin. */
const STORIES = Number(process.env['SELFPROV_STORIES'] ?? 3000);
const FIRST = Number(process.env['SELFPROV_SEED'] ?? 1);
/** With `SELFPROV_PROCESSES=2` selfprov has two in every second story. */
const PROCESSES = Number(process.env['SELFPROV_PROCESSES'] ?? 1);

describe('Whatever happens at the same time', function () {
  this.timeout(0);
  let core: TestCore;
  let other: OpenStore;
  let listening: World | undefined;

  before(async () => {
    const hear = (event: Omit<Event, 'id'>): void => listening?.onEvent(event);
    core = await openTestCore(hear);
    other = await openStore(core.place, FIRST_TENANT, hear);
  });
  after(async () => {
    await other.close();
    await core.close();
  });

  it(`a device has one meaning, no phone is told what is another’s, no secret leaves without proof, nothing is stuck: ${STORIES} stories`, async () => {
    for (let seed = FIRST; seed < FIRST + STORIES; seed++) {
      const stores = PROCESSES > 1 && seed % 2 === 0 ? [core.store, other.store] : [core.store];
      await explore(core, stores, (world) => (listening = world), seed);
    }
  });
});
