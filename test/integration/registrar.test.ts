import { openTestCore } from '../support/core.ts';
import {
  leaveRoomForTwo,
  registrarContract,
  type BenchPhone,
  type BenchPhoneOptions,
  type RegistrarBench,
} from '../support/registrarContract.ts';

describe('The registrar that tests use', () => {
  registrarContract(openBench);
});

async function openBench(): Promise<RegistrarBench> {
  const core = await openTestCore();
  await leaveRoomForTwo(core);
  const { registrar } = core;
  const authenticated: string[] = [];
  registrar.onAuthenticated = (endpoint) => void authenticated.push(endpoint);
  let ports = 20_000;
  return {
    registrar,
    core,
    now: core.now,
    authenticated,
    phone: (options) => Promise.resolve(phoneOf(options, options.port ?? ++ports)),
    shadow: async (endpoint) => void registrar.foreign.add(endpoint),
    async until(condition, seconds = 0) {
      core.pass(seconds * 1000);
      if (!(await condition())) throw new Error('that did not come');
    },
    stop: async () => void (registrar.isDown = true),
    start: async () => void (registrar.isDown = false),
    close: core.close,
  };

  function phoneOf(options: BenchPhoneOptions, port: number): BenchPhone {
    const { aor: user, authName, password, callId = String(++ports), userAgent = 'Testphone' } = options;
    const { viaHost = `127.0.0.1:${port}`, contactHost = `127.0.0.1:${port}` } = options;
    const [viaAddress = '', viaPort] = viaHost.split(':');
    const where = { address: '127.0.0.1', port, viaAddress, viaPort: Number(viaPort), contactHost };
    return {
      port,
      register: (expires) => registrar.register({ user, authName, password, ...where, callId, userAgent, expires }),
      notified: () =>
        registrar.sent
          .filter(({ uri }) => uri.includes(`@127.0.0.1:${port}`))
          .map(({ notification }) => notification.event),
      close: () => undefined,
    };
  }
}
