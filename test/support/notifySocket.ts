import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { waitFor } from './wait.ts';

/** Prints each datagram that comes to a socket: Node.js has none of this kind. */
const LISTEN = `use Socket; $| = 1; socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die; bind($s, pack_sockaddr_un($ARGV[0])) or die $!;
  print "listening\\n"; while (defined recv($s, my $said, 4096, 0)) { print "$said\\n" }`;

/** What services tell systemd (sd_notify(3)), at the socket that it would have given them. */
export interface NotifySocket {
  readonly said: () => string;
  /** How often this has been told so far, as a line of its own. */
  times(what: string): number;
  says(what: string, times?: number): Promise<unknown>;
  close(): Promise<void>;
}

export async function notifySocket(path: string): Promise<NotifySocket> {
  const child = spawn('perl', ['-e', LISTEN, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (data: Buffer) => (said += data.toString()));
  const times = (what: string): number => said.split('\n').filter((line) => line === what).length;
  const says = (what: string, count = 1): Promise<unknown> =>
    waitFor(() => times(what) >= count, { what: () => `"${what}" ${count} times:\n${said}`, limit: 20_000 });
  await says('listening');
  return {
    said: () => said,
    times,
    says,
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await once(child, 'close');
    },
  };
}
