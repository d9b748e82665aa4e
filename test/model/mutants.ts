/** A repair taken out: the explorer must find what it was for. */
export interface Mutant {
  readonly what: string;
  readonly changes: readonly { readonly file: string; readonly from: string; readonly to: string }[];
}

const HAND_OVER = 'src/provisioning/handOver/';

export const MUTANTS: readonly Mutant[] = [
  {
    what: 'whose a registration is: by its address alone',
    changes: [
      {
        file: 'src/domain/registrations.ts',
        from: 'for (const { agrees, weight } of TRAITS) {',
        to: "for (const { agrees } of TRAITS.slice(-1)) {\n    const weight: string = 'proof';",
      },
    ],
  },
  {
    what: 'a contact is notified without looking whose it is by now',
    changes: [
      {
        file: `${HAND_OVER}tellPhone.ts`,
        from: 'if (!(await isItsAlone(ports, phone, phone.contact))) {',
        to: 'if (phone.mac === phone.contact && !(await isItsAlone(ports, phone, phone.contact))) {',
      },
    ],
  },
  {
    what: 'a release during a hand-over tells only the phone that is registered as the user',
    changes: [
      {
        file: `${HAND_OVER}beginHandOver.ts`,
        from: 'return contactOf(line, caller) ?? underWay;',
        to: 'return contactOf(line, caller) ?? (underWay === null ? null : null);',
      },
    ],
  },
  {
    what: 'what a request gets is decided before the transaction that writes it',
    changes: [
      {
        file: 'src/provisioning/files/admit.ts',
        from: 'return needs.store.transaction((store) => decideInside({ ...needs, store }, asking));',
        to: 'return needs.store.transaction((store) => carryOut({ ...needs, store }, asking, facts, admission));',
      },
    ],
  },
  {
    what: 'only the first fetch of a hand-over earns peace',
    changes: [
      {
        file: 'src/domain/handOver.ts',
        from: 'nextAttemptAt: isOpen(handOver) ? Math.max(handOver.nextAttemptAt, peace) : null,',
        to: 'nextAttemptAt: isOpen(handOver) && fetchedAt === null ? peace : handOver.nextAttemptAt,',
      },
    ],
  },
  {
    what: 'the assignment is for the newest line of the phone, not for the one that called',
    changes: [
      {
        file: `${HAND_OVER}assignDevice.ts`,
        from: 'id === call.lineId && (takesOver || userId === null);',
        to: 'id !== undefined && (takesOver || userId === null);',
      },
    ],
  },
  {
    what: 'the token from before a hand-over goes on after it is done',
    changes: [
      {
        file: 'src/domain/handOver.ts',
        from: 'registeredAt: now, nextAttemptAt: null, previousToken: null },',
        to: 'registeredAt: now, nextAttemptAt: null },',
      },
      {
        file: 'src/domain/admission.ts',
        from: "const underWay = handOvers.filter(({ state }) => state !== 'done');",
        to: 'const underWay = handOvers;',
      },
    ],
  },
  {
    what: 'who asks for the file of a phone takes its line away',
    changes: [
      {
        file: 'src/provisioning/files/admit.ts',
        from: 'const lines = await addLines(store, device.tenantId, await linesFor(needs, asking, device, now));',
        to: 'for (const old of facts.lines) await store.removeLine(old.id);\n    const lines = await addLines(store, device.tenantId, await linesFor(needs, asking, device, now));',
      },
    ],
  },
  {
    what: 'HEAD and an unfinished TFTP transfer make a line',
    changes: [
      {
        file: 'src/provisioning/files/admit.ts',
        from: 'if (asking.isProvisional) return provisionally(',
        to: 'if (asking.isProvisional && asking.mac === undefined) return provisionally(',
      },
      {
        file: 'src/provisioning/files/admit.ts',
        from: 'const lines = await addLines(store, device.tenantId, await linesFor(needs, asking, device, now));',
        to: 'for (const old of facts.lines) await store.removeLine(old.id);\n    const lines = await addLines(store, device.tenantId, await linesFor(needs, asking, device, now));',
      },
    ],
  },
  {
    what: 'the account that a phone leaves counts as a stranger’s at its place',
    changes: [
      {
        file: `${HAND_OVER}tellPhone.ts`,
        from: "accounts.includes(endpoint) ? 'its'",
        to: "accounts.length > 99 && accounts.includes(endpoint) ? 'its'",
      },
    ],
  },
  {
    what: 'a neighbour behind the same public address is taken for the phone that called',
    changes: [
      {
        file: 'src/domain/admission.ts',
        from: 'if (underWay.some(inWindow) && standsForOne(claim.address, trustedAddresses))',
        to: 'if (underWay.some(inWindow) && trustedAddresses !== undefined)',
      },
    ],
  },
  {
    what: 'a device of a sync counts as told once it has been told, not before',
    changes: [
      {
        file: 'src/provisioning/sync/driveSyncs.ts',
        from: 'for (const item of move.items) await putItem(store, item);',
        to: "for (const item of move.items) if (item.state !== 'told') await putItem(store, item);",
      },
    ],
  },
  {
    what: 'a phone that is on its way to its default line is taken for one that has never been there',
    changes: [
      {
        file: `${HAND_OVER}assignDevice.ts`,
        from: 'call === undefined && coming === undefined && its',
        to: 'call === undefined && its',
      },
    ],
  },
  {
    what: 'a phone that reads a file while its device is given to a user is not known by it',
    changes: [
      {
        file: 'src/provisioning/files/recordFetch.ts',
        from: 'if (move === undefined) await nowHolds(',
        to: 'if (move === undefined && lines.length === 0) await nowHolds(',
      },
    ],
  },
  {
    what: 'what a phone has registered is older than its file, unless it is known that the file has arrived',
    changes: [
      {
        file: `${HAND_OVER}driveHandOvers.ts`,
        from: '!mayHaveFetched || owner !== undefined',
        to: "!mayHaveFetched || owner?.key !== ''",
      },
    ],
  },
];
