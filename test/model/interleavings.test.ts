import { openTestCore, type TestCore } from '../support/core.ts';
import { explore } from './explore.ts';
import type { World } from './world.ts';

/** `SELFPROV_STORIES` and `SELFPROV_SEED` give another number of stories, and where to begin. */
const STORIES = Number(process.env['SELFPROV_STORIES'] ?? 3000);
const FIRST = Number(process.env['SELFPROV_SEED'] ?? 1);

describe('Whatever happens at the same time', function () {
  this.timeout(0);
  let core: TestCore;
  let listening: World | undefined;

  before(async () => {
    core = await openTestCore((event) => listening?.onEvent(event));
  });
  after(() => core.close());

  it(`a device has one meaning, no phone is told what is another’s, no secret leaves without proof, nothing is stuck: ${STORIES} stories`, async () => {
    for (let seed = FIRST; seed < FIRST + STORIES; seed++) {
      await explore(core, (world) => (listening = world), seed);
    }
  });
});
