"""withSystemCalls.py UNIT COMMAND...: runs a command with the system calls that a unit of systemd leaves it."""
import errno, os, re, subprocess, sys
import seccomp

listed = subprocess.run(["systemd-analyze", "--no-pager", "syscall-filter"], capture_output=True, text=True).stdout
sets = {}
for line in re.sub("\x1b\\[[0-9;]*m", "", listed).splitlines():
    if line.startswith("@"):
        members = sets.setdefault(line.strip(), [])
    elif line.strip() and not line.strip().startswith("#"):
        members.append(line.strip())


def calls(word):
    return {word} if not word.startswith("@") else set().union(*(calls(member) for member in sets[word]))


allowed = calls("@default")
for line in re.findall("^SystemCallFilter=(.*)$", open(sys.argv[1]).read(), re.M):
    named = set().union(*(calls(word) for word in line.lstrip("~").split()))
    allowed = allowed - named if line.startswith("~") else allowed | named

rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))
for name in allowed:
    try:
        rules.add_rule(seccomp.ALLOW, name)
    except (RuntimeError, ValueError):
        pass  # Not of this machine.
rules.load()
os.execvp(sys.argv[2], sys.argv[2:])
