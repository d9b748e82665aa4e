import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ASKING, on } from './cores.ts';

/** A request for a file. */
export interface Asked {
  readonly path: string;
  readonly userAgent: string;
}

const CONNECTIONS = 16;
/** Whole requests are made once: wrk.format with headers of its own drops those of the command line. */
const SCRIPT = `
local requests, at = {}, 0
function init(args)
  for line in io.lines(args[1]) do
    local path, agent = line:match("^(%S+) (.*)$")
    local headers = { ["User-Agent"] = agent, ["Host"] = "prov.example.net" }
    if args[2] == "close" then headers["Connection"] = "close" end
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
`;

/** What wrk gets answered in a second, asking for these one after the other over 16 connections. Rejects when one is refused. */
export async function rateOf(
  port: number,
  asked: readonly Asked[],
  mode: 'keep' | 'close',
  seconds: number,
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'selfprov-wrk-'));
  try {
    const [script, list] = [join(folder, 'wrk.lua'), join(folder, 'requests')];
    writeFileSync(script, SCRIPT);
    writeFileSync(list, asked.map(({ path, userAgent }) => `${path} ${userAgent}\n`).join(''));
    const target = ['-s', script, `http://127.0.0.1:${port}/`, '--', list, mode];
    const [command, ...args] = on(ASKING, ['wrk', '-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, ...target]);
    const { stdout } = await promisify(execFile)(command, args);
    if (/Non-2xx/.test(stdout)) throw new Error(stdout);
    return Number(/Requests\/sec: +([\d.]+)/.exec(stdout)?.[1]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
