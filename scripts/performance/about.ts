import type { Figure } from '../bench/figure.ts';
import type { PartName } from '../bench/parts.ts';

/** What the page says of a part. */
export interface About {
  readonly title: string;
  /** How it is measured; Markdown. */
  readonly how: string;
  /** Which figures are drawn; all unless said. */
  readonly isDrawn?: (figure: Figure) => boolean;
}

/** Every part has words here. */
export const ABOUT: Readonly<Record<PartName, About>> = {
  files: {
    title: 'Files',
    how: `wrk asks over 16 connections, for a second each time; the figure is the middle of three. A bare node:http and nginx answer every
request with the very same bytes, in turns with selfprov. _From the cache_: a hundred phones ask again and again. _Rendered anew_: so many
phones ask, one after the other, that nothing is kept of one until it asks again, which is what a server with many phones does most of its
time; of a hundred devices all are kept, so there it says nothing. _A connection each_ is what most phones do.`,
    isDrawn: ({ what }) => /kept alive; .* \d{4,} devices/.test(what),
  },
  growth: {
    title: 'With many devices',
    how: `Five hundred requests a second, whatever becomes of those before: what waits for others counts from when it was due. The figure is the
99th percentile, the middle of three times five seconds. The same hundred phones ask of a small and of a large database; the last figure is
that of all phones of the large one, whose files are not in the cache.`,
  },
  firstContact: {
    title: 'Phones that were never seen',
    how: `Each request makes a device, with a line and a record of it, before it is answered. After three thousand that warm it up, three
thousand phones come from 64 addresses; the bare node:http answers as many requests of the same client. Then 300 phones of one address
come in the same moment, each with its own connection, beside 300 of as many addresses: who shares an address must not wait for it. PostgreSQL writes to the disk at every commit, as
it does unless it is told otherwise; SQLite does not, since nothing is lost by it unless the machine itself fails.`,
  },
  storm: {
    title: 'When the power comes back',
    how: `Ten thousand phones start within a minute, evenly: Yealink, Snom, Poly, Grandstream, Fanvil and Cisco SPA in equal parts, known ones with and
without a user, every tenth one new, every fifth by TFTP. Each asks for all that its family asks for when it starts, one after the other, from the
address that it had before, at the URL that its last file has told it. Its answers must be those that a phone of its sort gets when nobody
else asks, and its own account must be in its file. All processes of selfprov share one core; PostgreSQL may use both. The bare
node:http answers at the same rate, one file to everybody.`,
    isDrawn: ({ unit }) => unit === 'ms',
  },
  tftp: {
    title: 'TFTP',
    how: `Sixteen phones fetch one user's file again and again, in blocks of 512 bytes as RFC 1350 has it, and of 1428 bytes as newer phones ask for.
Debian's tftpd-hpa serves the same bytes to the same client, in turns with selfprov. It gives its rights away before it reads a request, so
that it can be started by root alone: without root it is left out.`,
  },
  locked: {
    title: 'While the database is locked',
    how: `Another process begins to write and does not end. Phones that are known ask 200 times a second, all of them, so that most files
are rendered anew. What is to be written of their fetches waits for the lock; they do not.`,
  },
  calls: {
    title: 'Calls at once',
    how: `A hundred people key the last digit of their PIN in the same moment: without an Asterisk, from the digit to the secret that is right, and to
the line that is written. Meanwhile the facts of a file are asked for over and over, as whatever serves phones does: it waits for the same
threads as the hashes of the PINs. An import hashes 32 PINs at a time.`,
    isDrawn: ({ unit }) => unit === 'ms',
  },
  handOvers: {
    title: 'How long a person waits',
    how: `A baresip calls through a real Asterisk. From the digit that Asterisk has heard last to the transaction that gives the phone to its user;
and from the end of the call to the NOTIFY, as the phone receives it.`,
  },
  syncs: {
    title: 'A change for many phones',
    how: `The dry run of a change looks at each phone's files before and after. Others cannot write while it has its transaction open. A sync tells
the phones of four families to fetch, ten behind each address, on a clock that is simulated, with phones that need a minute to come back:
60 a minute, five behind one address, ten as canaries.`,
    isDrawn: ({ unit }) => unit === 'ms',
  },
  registers: {
    title: 'REGISTERs',
    how: `Asterisk answers phones that register, twenty at a time, each with a challenge and a right answer. It reads their accounts from selfprov's
views, and in turns from plain tables of the same content; then once more while selfprov notes each registration. \`npm run bench registers\`
measures it: twenty thousand phones take half an hour.`,
  },
  start: {
    title: 'Start and command line',
    how: `From the start of the process on, twenty times in turns, beside a Node.js that does nothing. \`serve\` listens without an Asterisk; its memory is
what the kernel says it has then.`,
  },
};
