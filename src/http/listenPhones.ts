import { listenHttp, type HttpSettings, type Listener } from './listenHttp.ts';
import { phonesApp, type PhonesSettings } from './phones.ts';

/** Opens the listener for phones. Closing it waits for what is still to be noted of the files that were sent. */
export async function listenPhones(settings: PhonesSettings & Omit<HttpSettings, 'what'>): Promise<Listener> {
  const { handler, noted } = phonesApp(settings);
  const listener = await listenHttp(handler, { ...settings, what: 'phones' });
  return {
    ...listener,
    async close() {
      await listener.close();
      await noted();
    },
  };
}
