import { userName } from '../userName.ts';

/** What an administrator can do about what the system has refused, by the code of the refusal. */
const ADVICE: Readonly<Record<string, (user: string) => string>> = {
  EACCES: (user) => `user ${user} may not: run this as the user that selfprov runs as, or give that one the right`,
  EPERM: (user) => `user ${user} may not: run this as the user that selfprov runs as, or as root`,
  EROFS: () => 'its disk can only be read: mount it for writing, or name another folder (SELFPROV_DIR)',
  ENOSPC: () => 'its disk is full: free some space (df -h shows where)',
  EDQUOT: () => 'the quota is used up: free some space',
  EIO: () => 'its disk does not answer: look at what the system says (dmesg)',
  ENOENT: () => 'it is not there',
  EEXIST: () => 'a file of this name is in the way',
  ENOTDIR: () => 'a part of its path is a file, no folder',
  EISDIR: () => 'it is a folder, no file',
  ELOOP: () => 'its links lead in a circle',
  ENAMETOOLONG: () => 'its name is too long',
  EMFILE: () => 'too many files are open: raise the limit of the service (LimitNOFILE)',
  ENFILE: () => 'too many files are open on this machine',
  ENOMEM: () => 'there is no memory left',
  EADDRINUSE: () => 'another program listens there',
};

const DEEDS: Readonly<Record<string, string>> = {
  open: 'cannot open',
  mkdir: 'cannot make the folder',
  rename: 'cannot put in place',
  unlink: 'cannot remove',
  rm: 'cannot remove',
  chmod: 'cannot change the rights of',
  fchmod: 'cannot change the rights of',
  chown: 'cannot change the owner of',
  fchown: 'cannot change the owner of',
  scandir: 'cannot look into',
  read: 'cannot read',
  write: 'cannot write',
  stat: 'cannot look at',
  lstat: 'cannot look at',
  access: 'cannot use',
};

const DRAFT = /\.[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/** One line about a file, a folder or a program that cannot be had: `cannot open /var/lib/selfprov/site.key: …`. */
export function describeSystemError(error: NodeJS.ErrnoException): string {
  const { code = '', syscall = '', path, message } = error;
  const advice = ADVICE[code];
  if (advice === undefined) return message;
  const deed = DEEDS[syscall] ?? (syscall.startsWith('spawn') ? 'cannot run' : `cannot use (${syscall})`);
  // What is put in place of a file is written beside it, under a name of its own.
  const what = (path ?? (syscall in DEEDS ? 'a file' : syscall.replace(/^spawn /, ''))).replace(DRAFT, '');
  return `${deed} ${what}: ${advice(userName())}`;
}
