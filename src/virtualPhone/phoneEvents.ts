/** How far a request got that had no answer. */
export type FetchHop = 'DNS' | 'connect' | 'fetch';

/** What happens to a phone, one thing after the other. */
export type PhoneEvent =
  | { readonly event: 'fetched'; readonly url: string; readonly status: number }
  | { readonly event: 'unanswered'; readonly url: string; readonly hop: FetchHop; readonly reason: string }
  | { readonly event: 'restarts'; readonly why: 'reboot' | 'fetch' | 'factory reset' }
  | { readonly event: 'registered'; readonly as: string }
  | { readonly event: 'refused'; readonly as: string; readonly answer: string }
  | { readonly event: 'notified'; readonly name: string; readonly obeys: string; readonly duringCall: boolean }
  | { readonly event: 'calls' | 'rings' | 'talks'; readonly peer: string }
  | { readonly event: 'hung up'; readonly peer: string; readonly reason: string }
  | { readonly event: 'trouble'; readonly reason: string }
  /** Anything else, in the user agent's own words: for the reader of a failure. */
  | { readonly event: 'sip'; readonly what: string };

/** A URL without what only its phone may know: credentials and token. */
export function shownUrl(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/@]*@/, '$1').replace(/(\/p\/)[^/]+/, '$1…');
}

/** What an error says, but for what it quotes and for values of settings: of a file that cannot be read it may be a password. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const said = error.message === '' && 'code' in error ? String(error.code) : error.message;
  return said.replaceAll(/"(?:[^"\\]|\\.)*"/g, '"…"').replaceAll(/([\w.-]+ *= *)[^"'\s]+/g, '$1…');
}

/** One line for a person. */
export function inWords(happened: PhoneEvent): string {
  switch (happened.event) {
    case 'fetched':
      return `GET ${shownUrl(happened.url)}  ${happened.status}`;
    case 'unanswered':
      return `GET ${shownUrl(happened.url)}  ${happened.reason}`;
    case 'restarts':
      return happened.why === 'fetch' ? 'takes its settings anew' : `restarts (${happened.why})`;
    case 'registered':
      return `registered as ${happened.as}`;
    case 'refused':
      return `refused as ${happened.as}: ${happened.answer}`;
    case 'notified':
      return `NOTIFY ${happened.name}${happened.duringCall ? ' during a call' : ''}: ${happened.obeys}`;
    case 'calls':
      return `calls ${happened.peer}`;
    case 'rings':
      return `rings: ${happened.peer} is calling`;
    case 'talks':
      return `connected with ${happened.peer}`;
    case 'hung up':
      return `call with ${happened.peer} over${happened.reason === '' ? '' : `: ${happened.reason}`}`;
    case 'trouble':
      return `trouble: ${happened.reason}`;
    case 'sip':
      return happened.what;
  }
}
