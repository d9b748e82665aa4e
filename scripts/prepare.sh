# Steps that the scripts share; read with ".", from the repository's folder. Each does nothing when it is done already.

say() {
  printf '%s\n' "$*"
}

die() {
  printf 'selfprov: %s\n' "$*" >&2
  exit 1
}

has_debian() {
  dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'install ok installed'
}

# step WHAT COMMAND...: says what is done, and every few seconds that it goes on; shows what the command said when it fails.
step() (
  say "$1 ..."
  shift
  said=$(mktemp)
  since=$(date +%s)
  # Its pauses have an output of their own: nobody who reads ours waits for the last one.
  (while sleep 5 >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do say "  ... $(($(date +%s) - since)) s"; done) &
  ticker=$!
  trap 'kill "$ticker" 2>/dev/null || true; rm -f "$said"' EXIT
  trap 'exit 130' INT TERM
  result=0
  "$@" >"$said" 2>&1 || result=$?
  [ "$result" = 0 ] || tail -n 30 "$said" >&2
  exit "$result"
)

# install_debian REASON PACKAGE...: installs what is missing, or says what to run.
install_debian() {
  reason=$1
  shift
  missing=
  for package in "$@"; do
    has_debian "$package" || missing="$missing $package"
  done
  [ -z "$missing" ] && return 0
  [ "$(id -u)" = 0 ] || die "$reason needs:$missing. Run: sudo apt-get install$missing"
  # shellcheck disable=SC2086 # a list of words
  step "Installing for $reason:$missing" install_now $missing || die "apt-get could not install:$missing"
}

# without_service NAME...: what is installed next must not start by itself, only its program is wanted.
without_service() {
  [ ! -d /run/systemd/system ] || systemctl mask --runtime "$@" >/dev/null 2>&1 || true
}

install_now() {
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

# The locked npm dependencies. better-sqlite3 is compiled when there is no binary of it for this Node.
prepare_packages() {
  command -v node >/dev/null || die 'Node.js 20.19 or later is needed'
  node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
    die "Node.js 20.19 or later is needed; this is $(node --version)"
  node scripts/hasPackages.js && return 0
  command -v make >/dev/null && command -v g++ >/dev/null && command -v python3 >/dev/null ||
    install_debian 'compiling the SQLite driver' make g++ python3
  step 'Fetching the npm packages' npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
  step 'Installing the SQLite driver (compiled where none can be fetched that fits, which takes a minute)' \
    env JOBS=max npm rebuild --foreground-scripts better-sqlite3
}

prepare_build() {
  if [ -f dist/families.json ] &&
    [ -z "$(find src migrations templates package-lock.json scripts/build.js -newer dist/families.json -print -quit)" ]; then
    return 0
  fi
  step 'Building' node scripts/build.js
}

prepare_asterisk() {
  sh scripts/fetch-asterisk.sh
}
