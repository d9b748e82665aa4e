import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/**
 * What Node tells of on one of its diagnostics channels while `work` runs. So the connection is found that a library opens
 * and keeps to itself: the libraries can only close it politely, which a frozen Asterisk never answers.
 */
export function published<T>(channel: string, work: () => void): T | undefined {
  let found: T | undefined;
  const take = (message: unknown): void => {
    found = message as T;
  };
  subscribe(channel, take);
  try {
    work();
  } finally {
    unsubscribe(channel, take);
  }
  return found;
}
