import { KEYS } from '../../src/virtualPhone/baresipAccount.ts';
import { startBaresip, type Baresip } from '../../src/virtualPhone/baresip.ts';
import { newCall, type Call, type CallUnderWay } from '../../src/virtualPhone/call.ts';
import { freePorts } from './freePorts.ts';
import { mailbox } from '../../src/virtualPhone/mailbox.ts';
import { waitFor } from './wait.ts';

/** A phone that is told its account by hand. */
export interface Caller {
  /** Its own SIP address, as in the contact that it calls with. */
  readonly address: string;
  readonly sipPort: number;
  dial(number: string): Promise<Call>;
  /** The next incoming call that the test has not had yet, ringing. */
  rings(limit?: number): Promise<Call>;
  close(): Promise<void>;
}

export async function startCaller(options: {
  readonly sipPort: number;
  readonly user: string;
  readonly authName: string;
  readonly password: string;
  readonly tone?: number;
}): Promise<Caller> {
  const address = '127.0.0.1';
  const [sipPort = 0] = await freePorts(2, address);
  const incoming = mailbox<Call>();
  let registered = false;
  let call: CallUnderWay | undefined;
  const baresip: Baresip = await startBaresip({
    address,
    sipPort,
    tone: options.tone ?? 440,
    onMessage: () => {},
    onEvent: (event) => {
      if (event.type === 'REGISTER_OK') registered = true;
      if (event.type === 'CALL_INCOMING') {
        call = newCall(baresip, 'incoming', () => `a call to ${options.user}`);
        incoming.put(call);
      }
      if (event.type.startsWith('CALL_')) call?.onEvent(event);
    },
  });
  const { user, authName, password } = options;
  await baresip.command(
    'uanew',
    `<sip:${user}@127.0.0.1:${options.sipPort};transport=udp>;auth_user=${authName};auth_pass=${password};regint=60;audio_codecs=PCMU${KEYS.info}`,
  );
  await waitFor(() => registered, { what: `the registration of ${user}` });
  return {
    address,
    sipPort,
    dial: async (number) => {
      call = newCall(baresip, 'outgoing', () => `calling ${number}`);
      await baresip.command('dial', `sip:${encodeURIComponent(number)}@127.0.0.1:${options.sipPort}`);
      return call;
    },
    rings: (limit = 5000) => incoming.take({ what: `a call to ${user}`, limit }),
    close: () => baresip.end('unregister'),
  };
}
