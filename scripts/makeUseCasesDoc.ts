/**
 * Writes docs/use-cases.md from the commands and the operations of the API: `npx tsx scripts/makeUseCasesDoc.ts`. A unit test fails
 * when the page is not what this makes, and when a command or an operation is missing here.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { OPERATIONS } from '../src/api/operations.ts';
import { allNodes, type Node } from '../src/cli/commandTree.ts';
import { packageRoot } from '../src/packageRoot.ts';
import { word } from '../src/page/render.ts';

export const USE_CASES_DOC = join(packageRoot, 'docs/use-cases.md');

/** Command → operations that do the same. */
export const BOTH: Readonly<Record<string, readonly string[]>> = {
  'user add': ['addUser'],
  'user list': ['listUsers'],
  'user show': ['getUser', 'getUserSettings'],
  'user set': ['changeUser', 'previewChangeUser'],
  'user remove': ['removeUser'],
  'user new-pin': ['newPin'],
  'user letter': ['printLetter'],
  'user export': ['exportUsers'],
  'user import': ['importUsers'],
  'user unlock': ['unlockUser'],
  'device add': ['addDevice'],
  'device set': ['changeDevice', 'previewChangeDevice'],
  'device move': ['moveDevice'],
  'device many': ['actOnDevices', 'previewActOnDevices'],
  'device remove': ['removeDevice'],
  'device list': ['listDevices'],
  'device show': ['getDevice', 'getDeviceSettings'],
  'device file': ['getDeviceFile', 'getDeviceFileWithSecrets'],
  'device changes': ['getDeviceFileChanges'],
  'device export': ['exportDevices'],
  'device import': ['importDevices'],
  'device assign': ['assignDevice'],
  'device release': ['releaseDevice'],
  'device sync': ['syncDevice'],
  'device reboot': ['rebootDevice'],
  'device url': ['newDeviceUrl'],
  'device block': ['blockDevice'],
  'device unblock': ['unblockDevice'],
  'device unlock': ['unlockDevice'],
  'hand-over list': ['listHandOvers'],
  'sync start': ['startSync', 'previewSync'],
  'sync list': ['listSyncs'],
  'sync show': ['getSync', 'listSyncDevices'],
  'sync pause': ['pauseSync'],
  'sync resume': ['resumeSync'],
  'sync cancel': ['cancelSync'],
  rotate: ['listRotations', 'startRotation', 'previewRotation', 'endRotation'],
  'event list': ['listEvents'],
  'event export': ['exportEvents', 'exportEventsAsJson'],
  'tenant list': ['listTenants'],
  'tenant add': ['addTenant'],
  'tenant show': ['getTenant'],
  'tenant policy': ['getPolicy'],
  'tenant remove': ['removeTenant'],
  'tenant set': ['changeTenant', 'previewChangeTenant', 'listClashes'],
  'profile list': ['listProfiles'],
  'profile show': ['getProfile'],
  'profile add': ['addProfile'],
  'profile set': ['changeProfile', 'previewChangeProfile'],
  'profile remove': ['removeProfile'],
  'line-template list': ['listLineTemplates'],
  'line-template show': ['getLineTemplate'],
  'line-template add': ['addLineTemplate'],
  'line-template set': ['changeLineTemplate', 'previewChangeLineTemplate'],
  'line-template remove': ['removeLineTemplate'],
  'device-template list': ['listDeviceTemplates'],
  'device-template show': ['getDeviceTemplate'],
  'device-template add': ['addDeviceTemplate'],
  'device-template set': ['changeDeviceTemplate', 'previewChangeDeviceTemplate'],
  'device-template remove': ['removeDeviceTemplate'],
  'code new': ['addCode', 'printCode'],
  'code list': ['listCodes'],
  'code remove': ['removeCode'],
  'firmware list': ['listVersions'],
  'firmware set': ['setFirmware'],
  'firmware files': ['listFamilyFiles'],
  'firmware add-file': ['putFamilyFile'],
  'firmware remove-file': ['removeFamilyFile'],
  'redirect add': ['addRedirect'],
  'redirect list': ['listRedirects'],
  'redirect remove': ['removeRedirect'],
  'system show': ['getSystem'],
  'system set': ['changeSystem'],
  'token add': ['addToken'],
  'token list': ['listTokens'],
  'token remove': ['removeToken'],
  'webhook add': ['addWebhook', 'addAllWebhook'],
  'webhook list': ['listWebhooks', 'listAllWebhooks'],
  'webhook dead-letters': ['listDeadLetters', 'listAllDeadLetters'],
  'webhook resume': ['resumeWebhook', 'resumeAllWebhook'],
  'webhook remove': ['removeWebhook', 'removeAllWebhook'],
  'administrator add': ['addAdministrator'],
  'administrator invite': ['inviteAdministrator'],
  'administrator list': ['listAdministrators', 'getAdministrator'],
  'administrator set': ['changeAdministrator'],
  'administrator remove': ['removeAdministrator'],
  families: ['listFamilies'],
  render: ['renderFile'],
  identify: ['identifyPhone'],
  dhcp: ['getDhcpSnippet'],
  'sounds check': ['listLanguages'],
};

const A_PROCESS = 'it is the process that the API is a part of';
const A_WHOLE_DATABASE = 'it works on the whole database, and on files of the machine, while nothing else runs';

/** Command → why no program asks for it over the network. */
export const ONLY_COMMANDS: Readonly<Record<string, string>> = {
  serve: A_PROCESS,
  start: A_PROCESS,
  asterisk: 'it is a process of its own, which calls depend on',
  'asterisk-files': 'it writes files of Asterisk, which takes rights on the machine that a server should not have',
  'user adopt': 'it goes with files of Asterisk, which takes rights on the machine that a server should not have',
  doctor: 'it looks at the machine, also where nothing runs; what a running server knows of itself: `GET /health`',
  backup: A_WHOLE_DATABASE,
  restore: A_WHOLE_DATABASE,
  'move-database': A_WHOLE_DATABASE,
  phone: 'it plays a phone where it is started, with sound and ports of its own',
  completion: 'it is about the command itself',
};

/** Operation → why there is no command. */
export const ONLY_OPERATIONS: Readonly<Record<string, string>> = {
  whoAmI: 'who types a command may do everything',
  changePassword: 'it asks for the password of now; who types a command makes a link: `selfprov administrator invite`',
  layOutKeys:
    'it is for drawing keys; which find no place, `selfprov render` and `selfprov device show --effective` say',
  getHealth: 'it asks the server that answers; on the machine there is `selfprov doctor`',
};

/** The page as it shall stand in the repository; `tree` is that of the whole program. */
export async function useCasesDoc(tree: Node): Promise<string> {
  const commands = leavesOf(tree);
  const rows = commands.flatMap(({ names, about }) => {
    const operations = BOTH[names.join(' ')];
    return operations === undefined
      ? []
      : [
          [
            ...[about, `\`selfprov ${names.join(' ')}\``, operations.map(inWords).join('<br>')],
            [...new Set(operations.flatMap(pagesOf))].join(', '),
          ],
        ];
  });
  const alone = commands.flatMap(({ names }) => {
    const why = ONLY_COMMANDS[names.join(' ')];
    return why === undefined ? [] : [[`\`selfprov ${names.join(' ')}\``, why]];
  });
  const others = Object.entries(ONLY_OPERATIONS).map(([id, why]) => [inWords(id), why]);
  const text = `# What can be done, and by what

Made from the commands and the operations of the API by \`npx tsx scripts/makeUseCasesDoc.ts\`; do not edit. What the one can do, the other
can too; where not, the reason is below. How the API is used: [api.md](api.md); everything is below \`/api/v1\`. The page: [page.md](page.md).

${table(['Use case', 'Command', 'API', 'Page'], rows)}

## Only by the command

${table(['Command', 'Why'], alone)}

## Only by the API

${table(['API', 'Why'], others)}
`;
  return format(text, { ...(await resolveConfig(USE_CASES_DOC)), parser: 'markdown' });
}

/** Commands that do something. */
export function leavesOf(tree: Node): readonly Node[] {
  return allNodes(tree).filter(({ names, commands }) => names.length > 0 && commands.length === 0);
}

/** The pages that show what an operation answers, or have a button for it, by the words that lead to them. */
function pagesOf(id: string): readonly string[] {
  const names = PAGE_SOURCES.flatMap((source) =>
    source.text.includes(`'${id}'`) || source.text.includes(`/do/${id}"`) ? source.names : [],
  );
  return [...new Set(names)];
}

/** The pages that lead to those that the navigation does not name. */
const LED_TO_FROM: Readonly<Record<string, readonly string[]>> = {
  imports: ['users', 'devices'],
  keys: ['templates', 'devices'],
  device: ['devices'],
  deviceActions: ['devices'],
};

const PAGE_SOURCES = readdirSync(join(packageRoot, 'src/page/pages')).map((file) => {
  const code = readFileSync(join(packageRoot, 'src/page/pages', file), 'utf8');
  const views = [...code.matchAll(/\bview: '(\w+)'/g)].map(([, view = '']) =>
    readFileSync(join(packageRoot, `src/page/views/${view}.mustache`), 'utf8'),
  );
  const page = file.replace('.ts', '');
  const names = (LED_TO_FROM[page] ?? [page]).map((each) => word('en', `nav.${each}`));
  return { names, text: [code, ...views].join('\n') };
});

function inWords(id: string): string {
  const { method = '', path = '' } = OPERATIONS.find((each) => each.id === id) ?? {};
  return `\`${method.toUpperCase()} ${path}\``;
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, headings.map(() => '---'), ...rows];
  return lines
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`)
    .join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { wholeTree } = await import('../test/support/command.ts');
  writeFileSync(USE_CASES_DOC, await useCasesDoc(wholeTree()));
}
