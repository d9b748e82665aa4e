import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './freePorts.ts';

/** Stands before a TCP server on 127.0.0.1. */
export interface TcpRelay {
  readonly port: number;
  /** From now on every packet vanishes, of new connections too, as with a cable that is pulled: nobody gets an answer or a reset. */
  cut(): Promise<void>;
  /** What was sent meanwhile comes when it is sent again. Does nothing to one that is not cut. */
  mend(): Promise<void>;
  close(): Promise<void>;
}

export async function tcpRelay(serverPort: number): Promise<TcpRelay> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const behind = connect(serverPort, '127.0.0.1');
    for (const [one, other] of [
      [client, behind],
      [behind, client],
    ] as const) {
      sockets.add(one);
      one.setNoDelay(true);
      one.on('data', (data) => other.write(data));
      one.on('error', () => undefined);
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(await freePort(), '127.0.0.1');
  await once(server, 'listening');
  const filtered = (how: keyof typeof OPTIONS): Promise<void> => setFilter([server, ...sockets], how);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut: () => filtered('attach'),
    mend: () => filtered('detach'),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Linux: a filter of packets on a socket, which needs no rights. This one is "return 0": of each packet nothing is taken. */
const OPTIONS = { attach: '26', detach: '27' } as const;
const SET = `
  my $filter = pack('Sx6P', 1, pack('SCCL', 0x06, 0, 0, 0));
  for my $fd (3 .. $ARGV[1]) {
    open(my $socket, '+<&=', $fd) or die $!;
    setsockopt($socket, 1, $ARGV[0], $filter) or $!{ENOENT} or die $!;
  }`;

/** Node cannot set it. Perl is in every Debian. */
async function setFilter(on: readonly (Server | Socket)[], how: keyof typeof OPTIONS): Promise<void> {
  const files = on.flatMap((socket) => (socket as unknown as Handled)._handle?.fd ?? []);
  const args = ['-e', SET, OPTIONS[how], String(2 + files.length)];
  const perl = spawn('perl', args, { stdio: ['ignore', 'ignore', 'inherit', ...files] });
  const [code] = (await once(perl, 'exit')) as [number];
  if (code !== 0) throw new Error(`the relay could not be ${how === 'attach' ? 'cut' : 'mended'}`);
}

/** Of Node's own, and the only way to the descriptor of a socket. */
interface Handled {
  readonly _handle?: { readonly fd: number } | null;
}
