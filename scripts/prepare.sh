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
  say "Installing for $reason:$missing"
  # shellcheck disable=SC2086 # a list of words
  {
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
  } >/dev/null 2>&1 || die "apt-get could not install:$missing"
}

# The locked npm dependencies. better-sqlite3 is compiled when there is no binary of it for this Node.
prepare_packages() {
  command -v node >/dev/null || die 'Node.js 20.19 or later is needed'
  node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
    die "Node.js 20.19 or later is needed; this is $(node --version)"
  stamp="$(node --version) $(cksum <package-lock.json)"
  [ "$(cat node_modules/.selfprov 2>/dev/null)" = "$stamp" ] && return 0
  command -v make >/dev/null && command -v g++ >/dev/null && command -v python3 >/dev/null ||
    install_debian 'compiling the SQLite driver' make g++ python3
  say 'Installing npm packages (about a minute, the SQLite driver is compiled) ...'
  npm ci --no-audit --no-fund --loglevel=error
  printf '%s' "$stamp" >node_modules/.selfprov
}

prepare_build() {
  if [ -f dist/src/main.js ] && [ -z "$(find src migrations package.json tsconfig*.json -newer dist/src/main.js -print -quit)" ]; then
    return 0
  fi
  say 'Building ...'
  rm -rf dist
  npx tsc -p tsconfig.build.json
  touch dist/src/main.js
}

prepare_asterisk() {
  sh scripts/fetch-asterisk.sh
}
