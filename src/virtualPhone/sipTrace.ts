/** One SIP message as it went over the wire. */
export interface SipMessage {
  /** When it was seen, milliseconds since 1970 with fractions. */
  readonly at: number;
  readonly transport: string;
  readonly from: string;
  readonly to: string;
  /** Whole, CRLF line ends. */
  readonly raw: string;
  readonly startLine: string;
  /** `NOTIFY`, `INVITE` …; an answer has none. */
  readonly method: string | undefined;
  readonly body: string;
  /** The first header of that name, in any case; compact forms are not expanded. */
  header(name: string): string | undefined;
}

/** baresip prints each in blue, after a line that says the way it went. */
const ESC = '\u001b';
const traced = new RegExp(`${ESC}\\[36;1m#\n(UDP|TCP|TLS) (\\S+) -> (\\S+)\n([\\s\\S]*?)${ESC}\\[;m\n`);

/** Reads the messages out of what `baresip -s` prints, chunk by chunk. */
export function sipTrace(onMessage: (message: SipMessage) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    rest += chunk;
    for (let found = traced.exec(rest); found !== null; found = traced.exec(rest)) {
      const [whole, transport = '', from = '', to = '', text = ''] = found;
      rest = rest.slice(found.index + whole.length);
      onMessage(parseMessage(text, { transport, from, to }));
    }
  };
}

function parseMessage(raw: string, way: Pick<SipMessage, 'transport' | 'from' | 'to'>): SipMessage {
  const end = raw.indexOf('\r\n\r\n');
  const [startLine = '', ...lines] = (end < 0 ? raw : raw.slice(0, end)).split('\r\n');
  const headers = lines.map((line) => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 1),
  ]);
  return {
    at: performance.timeOrigin + performance.now(),
    ...way,
    raw,
    startLine,
    method: startLine.startsWith('SIP/2.0') ? undefined : startLine.split(' ', 1)[0],
    body: end < 0 ? '' : raw.slice(end + 4).trimEnd(),
    header: (name) => headers.find(([own]) => own?.trim() === name.toLowerCase())?.[1]?.trim(),
  };
}
