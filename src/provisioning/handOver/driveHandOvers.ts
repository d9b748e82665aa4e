import { latestDue, type HandOver } from '../../domain/handOver.ts';
import type { Mac } from '../../domain/mac.ts';
import { standing } from '../../domain/registrations.ts';
import { isRefusal } from '../../domain/errors.ts';
import type { Ports } from '../ports.ts';
import { moveHandOver } from './moveHandOver.ts';
import { noteRegistrations, type NoteNeeds } from './noteRegistrations.ts';
import { claimed, type IsStillMine } from '../claimed.ts';
import { catchUp, writeDown } from '../writeDown.ts';
import { sayFarewell } from './sayFarewell.ts';
import { tellPhone, type Told } from './tellPhone.ts';

export type DriveNeeds = NoteNeeds & Pick<Ports, 'checkSyncOf'>;

type Claimed = DriveNeeds & IsStillMine;

/**
 * One look at everything that is due: registrations to remove, check-syncs to send, hand-overs to give up. What is due
 * is in the database, so it does not matter which process made it so, or whether that process is still alive; of several
 * that look at the same moment each does what it has claimed. One
 * hand-over in trouble does not hold up the others: its error goes to `onError`.
 */
export async function driveHandOvers(ports: DriveNeeds, onError: (error: unknown) => void): Promise<void> {
  const { store, now } = ports;
  const guarded = (work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => {
      // It is due again in a moment, and the link to Asterisk has told already.
      if (!isRefusal(error, 'unavailable')) onError(error);
    });
  await catchUp(store, onError);
  const devices = new Map<Mac, HandOver[]>();
  for (const due of await store.dueHandOvers(now(), latestDue(now(), ports.times)))
    devices.set(due.mac, [...(devices.get(due.mac) ?? []), due]);
  await claimed(store, 'device', [...devices.keys()], async (mine, isStillMine) => {
    await Promise.all(mine.map((mac) => proceedInTurn({ ...ports, isStillMine }, devices.get(mac) ?? [], guarded)));
  });

  const keys = (await store.dueFarewells(now())).map(({ key }) => key);
  await claimed(store, 'farewell', keys, async (mine, isStillMine) => {
    // What it says may be done by now.
    const due = (await store.dueFarewells(now())).filter(({ key }) => mine.includes(key));
    await Promise.all(due.map((farewell) => guarded(sayFarewell({ ...ports, isStillMine }, farewell))));
  });
}

/** A device whose ports have all got users is told once: it fetches as a whole. */
async function proceedInTurn(
  ports: Claimed,
  its: readonly HandOver[],
  guarded: (work: Promise<void>) => Promise<void>,
): Promise<void> {
  let isTold = false;
  const proceedWith = async (due: HandOver): Promise<void> => {
    isTold = (await proceed(ports, due, isTold)) || isTold;
  };
  for (const due of its) await guarded(proceedWith(due));
}

/** `isTold`: for another port, just now. Whether the device has been told for this one. */
async function proceed(ports: Claimed, due: HandOver, isTold: boolean): Promise<boolean> {
  const { store } = ports;
  const contacts = await contactsBefore(ports, due);
  const move = await store.transaction(async (inside) => {
    const device = await inside.device(due.mac);
    return device && moveHandOver(inside, ports, device, due, { kind: 'due', contacts });
  });
  if (move?.action !== 'check_sync') return false;

  const { mac, contact, aor, leaves, attempts, acceptedAt: since, nextAttemptAt: leasedUntil } = move.handOver;
  const device = await store.device(mac);
  if (device === undefined) return false;
  const accounts = leaves === null ? [aor] : [aor, leaves];
  // Who has not fetched is told at its own place next time: the other port's may be out of date.
  const told: Told =
    isTold && attempts === 0
      ? { kind: 'sent' }
      : await tellPhone(ports, { mac, family: device.family, contact, since, accounts });
  await writeDown(store, () =>
    store.transaction(async (inside) => {
      const still = await inside.device(mac);
      if (still !== undefined) await moveHandOver(inside, ports, still, due, { ...told, leasedUntil });
    }),
  );
  return told.kind === 'sent';
}

/**
 * The registrations, as they are (`standing`), that the phone cannot have made with its new line; `null` while Asterisk cannot be asked. Once
 * its file has been on the way, whose arrival may never have been written down, those are what is known to be of others, or
 * of what it had before.
 */
async function contactsBefore(ports: DriveNeeds, { aor, lineId }: HandOver): Promise<readonly string[] | null> {
  try {
    const owners = [...(await noteRegistrations(ports, aor))];
    const mayHaveFetched = ((await ports.store.line(lineId))?.servedAt ?? null) !== null;
    return owners.filter(([, owner]) => !mayHaveFetched || owner !== undefined).map(([contact]) => standing(contact));
  } catch (error) {
    if (isRefusal(error, 'unavailable')) return null;
    throw error;
  }
}
