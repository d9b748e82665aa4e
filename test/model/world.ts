import type { Event } from '../../src/domain/journal.ts';
import type { Store } from '../../src/domain/ports.ts';
import type { Ports } from '../../src/provisioning/ports.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { endHotDesks } from '../../src/provisioning/handOver/hotDesk.ts';
import { watchRegistrations, type RegistrationWatch } from '../../src/provisioning/handOver/registrationWatch.ts';
import { syncDriver } from '../../src/provisioning/sync/driveSyncs.ts';
import type { TestCore } from '../support/core.ts';
import { fakeRegistrar, type FakeRegistrar } from '../support/fakeRegistrar.ts';
import { administratorDeeds, type AdministratorDeeds } from './administratorDeeds.ts';
import { asteriskOf } from './asterisk.ts';
import { makeCast, type Cast } from './cast.ts';
import { openGates, type Chance, type Gates } from './gates.ts';
import { makeOracle, type Oracle } from './oracle.ts';
import { phoneDeeds, type PhoneDeeds } from './phoneDeeds.ts';
import { beginStory, type Story } from './story.ts';
import { TIMES } from './times.ts';

/** What everybody in a story stands on. */
export interface Scene {
  readonly core: TestCore;
  readonly chance: Chance;
  readonly gates: Gates;
  readonly cast: Cast;
  readonly story: Story;
  readonly oracle: Oracle;
  readonly registrar: FakeRegistrar;
  /** Those of selfprov's process as it is alive now. */
  ports(): Ports & { readonly languages: readonly string[] };
}

/** Phones, strangers, administrators, Asterisk and selfprov, each step of which the explorer chooses. */
export interface World extends Cast, PhoneDeeds, AdministratorDeeds {
  readonly chance: Chance;
  readonly gates: Gates;
  readonly story: Story;
  readonly oracle: Oracle;
  readonly registrar: FakeRegistrar;
  readonly store: Store;
  readonly now: () => number;
  pass(ms: number): void;
  /** selfprov looks at what is due. */
  drive(): void;
  compare(): void;
  ariComesOrGoes(): void;
  asteriskDies(): void;
  asteriskIsBack(): void;
  /** selfprov dies, and is started again. */
  crash(): void;
  /** What has been committed. */
  onEvent(event: Omit<Event, 'id'>): void;
}

/** One process of selfprov. */
interface Life {
  readonly ports: ReturnType<Scene['ports']>;
  readonly watch: RegistrationWatch;
  readonly driveSyncs: () => Promise<void>;
  /** One process looks at syncs at one time only. */
  looksAtSyncs: boolean;
}

export async function makeWorld(core: TestCore, chance: Chance): Promise<World> {
  const [gates, story] = [openGates(), beginStory()];
  const { note, violate, run } = story;
  const cast = await makeCast(core, chance);
  const registrar = fakeRegistrar(core.store, core.now, (all) => chance.shuffled(all));
  const oracle = makeOracle(core.store, core.now, cast, story);
  const asterisk = asteriskOf(registrar, gates, oracle, note, (phone) => {
    if (phone.obeys) world.fetch(phone);
  });
  const failed = (error: unknown): void => violate(`drive: ${error instanceof Error ? error.stack : String(error)}`);

  function begin(): Life {
    const store = gates.guard(core.store, 'store', false);
    const reached = { store, registrar: asterisk.reached(), times: TIMES, now: core.now };
    const watch = watchRegistrations(reached);
    const checkSync = (event: string): ReturnType<Ports['checkSyncOf']> => ({ event, contentType: null, body: null });
    const ports = {
      ...{ ...reached, ...watch, secrets: core.secrets, languages: ['en'], wake: () => {} },
      checkSyncOf: (family: string) => checkSync(`check-sync;${family}`),
      // Phones of stories are each of a family of its own, named by their MAC.
      portsOf: ({ family }: { readonly family: string }) => cast.portsOf(family),
      linesOf: () => 16,
    };
    const toldBySync = { ...ports, checkSyncOf: (family: string) => checkSync(`check-sync;${family};sync`) };
    return { ports, watch, driveSyncs: syncDriver(toldBySync, failed), looksAtSyncs: false };
  }
  let life = begin();
  registrar.onAuthenticated = (endpoint, place) => life.watch.heard(endpoint, place);

  const scene: Scene = { core, chance, gates, cast, story, oracle, registrar, ports: () => life.ports };
  const world: World = {
    ...{ chance, gates, story, oracle, registrar, store: core.store, now: core.now, pass: core.pass },
    ...{ ...cast, ...phoneDeeds(scene), ...administratorDeeds(scene) },
    drive() {
      oracle.drives();
      run('drive', () => driveHandOvers(life.ports, failed));
      run('end hot desks', () => endHotDesks(life.ports));
      const its = life;
      if (its.looksAtSyncs) return;
      its.looksAtSyncs = true;
      run('drive syncs', () => its.driveSyncs().finally(() => (its.looksAtSyncs = false)));
    },
    compare: () => run('compare', () => life.watch.compare()),
    ariComesOrGoes() {
      asterisk.ariIsDown = !asterisk.ariIsDown;
      note(`ARI is ${asterisk.ariIsDown ? 'down' : 'up'}`);
      if (!asterisk.ariIsDown) world.compare();
    },
    asteriskDies() {
      registrar.isDown = true;
      life.watch.lost();
      note('Asterisk dies');
    },
    asteriskIsBack() {
      registrar.isDown = false;
      asterisk.ariIsDown = false;
      note('Asterisk is back');
      world.compare();
    },
    onEvent: oracle.hears,
    crash() {
      note('selfprov dies');
      gates.crash();
      for (const phone of cast.everybody) phone.inCall.clear();
      life = begin();
      world.compare();
    },
  };
  return world;
}
