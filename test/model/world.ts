import type { Event } from '../../src/domain/journal.ts';
import type { Store } from '../../src/domain/ports.ts';
import type { Ports } from '../../src/provisioning/ports.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { endHotDesks } from '../../src/provisioning/handOver/hotDesk.ts';
import { watchRegistrations, type RegistrationWatch } from '../../src/provisioning/handOver/registrationWatch.ts';
import { syncDriver } from '../../src/provisioning/sync/driveSyncs.ts';
import type { TestCore } from '../support/core.ts';
import { fakeClaims, type Claim } from '../support/fakeClaims.ts';
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
  /** Those of one of selfprov's processes, as they are alive now. */
  ports(): ScenePorts;
  /** Those of each. */
  everyPorts(): readonly ScenePorts[];
}

export interface ScenePorts extends Ports {
  readonly process: number;
  readonly languages: readonly string[];
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
  readonly ports: ScenePorts;
  readonly watch: RegistrationWatch;
  readonly driveSyncs: () => Promise<void>;
  /** One process looks at syncs at one time only. */
  looksAtSyncs: boolean;
}

/** `stores`: one for each process of selfprov. */
export async function makeWorld(opened: TestCore, stores: readonly Store[], chance: Chance): Promise<World> {
  const [gates, story] = [openGates(), beginStory()];
  const core = { ...opened, store: gates.counted(opened.store) };
  const { note, violate, run } = story;
  const cast = await makeCast(core, chance);
  const registrar = fakeRegistrar(core.store, core.now, (all) => chance.shuffled(all));
  const oracle = makeOracle(core.store, core.now, cast, story);
  const asterisk = asteriskOf(registrar, gates, oracle, note, (phone) => {
    if (phone.obeys) world.fetch(phone);
  });
  const failed = (error: unknown): void => violate(`drive: ${error instanceof Error ? error.stack : String(error)}`);

  const claims = new Map<string, Claim>();
  function begin(process: number): Life {
    const its = { ...stores[process], ...fakeClaims(claims, core.now, String(process)) } as Store;
    const store = gates.guard(its, process, 'store', false);
    const reached = { store, registrar: asterisk.reached(process), times: TIMES, now: core.now };
    const watch = watchRegistrations(reached);
    const checkSync = (event: string): ReturnType<Ports['checkSyncOf']> => ({ event, contentType: null, body: null });
    const ports = {
      ...{ ...reached, ...watch, process, secrets: core.secrets, languages: ['en'], wake: () => {} },
      checkSyncOf: (family: string) => checkSync(`check-sync;${family}`),
      // Phones of stories are each of a family of its own, named by their MAC.
      portsOf: ({ family }: { readonly family: string }) => cast.portsOf(family),
      linesOf: ({ family }: { readonly family: string }) => cast.portsOf(family),
    };
    const toldBySync = { ...ports, checkSyncOf: (family: string) => checkSync(`check-sync;${family};sync`) };
    return { ports, watch, driveSyncs: syncDriver(toldBySync, failed), looksAtSyncs: false };
  }
  const lives = stores.map((_, process) => begin(process));
  const anyLife = (): Life => (lives.length === 1 ? lives[0] : chance.pick(lives)) ?? begin(0);
  registrar.onAuthenticated = (endpoint, place) => lives.forEach(({ watch }) => watch.heard(endpoint, place));

  const ports = (): ScenePorts => anyLife().ports;
  const everyPorts = (): readonly ScenePorts[] => lives.map((life) => life.ports);
  const scene: Scene = { core, chance, gates, cast, story, oracle, registrar, ports, everyPorts };
  const world: World = {
    ...{ chance, gates, story, oracle, registrar, store: core.store, now: core.now, pass: core.pass },
    ...{ ...cast, ...phoneDeeds(scene), ...administratorDeeds(scene) },
    drive() {
      oracle.drives();
      const its = anyLife();
      run('drive', () => driveHandOvers(its.ports, failed));
      run('end hot desks', () => endHotDesks(its.ports));
      if (its.looksAtSyncs) return;
      its.looksAtSyncs = true;
      run('drive syncs', () => its.driveSyncs().finally(() => (its.looksAtSyncs = false)));
    },
    compare: () => lives.forEach(({ watch }) => run('compare', () => watch.compare())),
    ariComesOrGoes() {
      asterisk.ariIsDown = !asterisk.ariIsDown;
      note(`ARI is ${asterisk.ariIsDown ? 'down' : 'up'}`);
      if (!asterisk.ariIsDown) world.compare();
    },
    asteriskDies() {
      registrar.isDown = true;
      lives.forEach(({ watch }) => watch.lost());
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
      const dead = lives.indexOf(anyLife());
      note('selfprov dies');
      gates.crash(dead);
      for (const { inCall } of cast.everybody)
        for (const [name, process] of inCall) if (process === dead) inCall.delete(name);
      const next = (lives[dead] = begin(dead));
      run('compare', () => next.watch.compare());
    },
  };
  return world;
}
