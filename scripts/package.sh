#!/bin/sh
# package.sh [VERSION]: dist-package/selfprov_VERSION_ARCHITECTURE.deb, of what is built and installed in this folder. It works
# with the Node.js that it is made with, whose number the SQLite driver is compiled for.
set -eu
cd "$(dirname "$0")/.."
. scripts/prepare.sh
command -v dpkg-deb >/dev/null || die 'dpkg-deb is needed: a package is made on Debian'

prepare_packages
prepare_build
version=${1:-$(node -p 'require("./package.json").version')}
architecture=$(dpkg --print-architecture)
node=$(node -p 'process.versions.node.split(".")[0]')
target=dist-package/selfprov_${version}_$architecture.deb
driver=node_modules/better-sqlite3/build/Release/better_sqlite3.node
glibc=$(grep -ao 'GLIBC_2[.0-9]*' "$driver" | sort -uV | tail -n 1)

umask 022
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
lib=$root/usr/lib/selfprov
doc=$root/usr/share/doc/selfprov

# install_as MODE FROM TO: with the folders that lead there.
install_as() {
  install -D -m "$1" "$2" "$root$3"
}

# The program: what npm would publish, the packages it needs when it runs, and of the SQLite driver what is loaded.
mkdir -p "$lib" "$doc"
# shellcheck disable=SC2046 # words
tar -cf - package.json $(node -p 'require("./package.json").files.join(" ")') |
  tar -xf - -C "$lib" --no-same-owner
{
  npm ls --omit=dev --all --parseable | sed -n "s#^$PWD/\(node_modules/.*\)#\1#p"
  find node_modules -maxdepth 1 -type l
} | sort -u | tar -cf - --exclude='better-sqlite3/deps' --exclude='better-sqlite3/src' --exclude='better-sqlite3/build' \
  --exclude='.[a-z]*' --exclude='*.map' --exclude='*.d.ts' --exclude='*.d.mts' --exclude='*.d.cts' \
  --anchored --no-wildcards-match-slash --exclude='node_modules/*/test' --exclude='node_modules/*/example' \
  --exclude='node_modules/*/docs' --exclude='node_modules/*/bin' --exclude='node_modules/*/scripts' \
  --exclude='node_modules/zod/src' -T - |
  tar -xf - -C "$lib" --no-same-owner
install_as 644 "$driver" "/usr/lib/selfprov/$driver"
strip --strip-unneeded "$lib/$driver"
chmod -R u=rwX,go=rX "$lib"
rm -f "$lib"/sounds/*.sh
find "$lib/node_modules" "$lib/vendor" "$lib/sounds" "$lib/templates" -type f -exec chmod -x {} +
install_as 755 scripts/fetch-asterisk.sh /usr/lib/selfprov/scripts/fetch-asterisk.sh
install_as 644 scripts/prepare.sh /usr/lib/selfprov/scripts/prepare.sh
# What that fetches is not the package's: it has a place of its own, which only root writes to.
mkdir -p "$root/var/lib/selfprov-asterisk"
ln -s /var/lib/selfprov-asterisk "$lib/.asterisk"
mkdir -p "$root/usr/bin"
ln -s ../lib/selfprov/bin/selfprov "$root/usr/bin/selfprov"

for unit in systemd/*.service; do install_as 644 "$unit" "/usr/lib/systemd/system/${unit##*/}"; done
install_as 640 packaging/debian/selfprov.env /etc/selfprov/selfprov.env
install_as 644 packaging/selfprov.logrotate /etc/logrotate.d/selfprov
for example in systemd/*.conf packaging/fail2ban/*.conf; do
  install_as 644 "$example" "/usr/share/doc/selfprov/examples/$(basename "$(dirname "$example")")/${example##*/}"
done

# As they lie here: they link to each other.
cp -r README.md docs "$doc"
gzip -9nc CHANGELOG.md >"$doc/NEWS.md.gz"
printf 'selfprov (%s) stable; urgency=medium\n\n  * What has changed is in NEWS.md.gz.\n\n -- The selfprov authors <selfprov@localhost>  %s\n' \
  "$version" "$(date -R -r package.json)" | gzip -9nc >"$doc/changelog.gz"
{
  cat LICENSE
  printf '\nParts of other packages are in dist/ (below), and others whole in node_modules/, each with its licence beside it.\n\n'
  cat dist/LICENSES
} >"$doc/copyright"
[ ! -f dist/selfprov.1 ] || gzip -9nc dist/selfprov.1 | install -D -m 644 /dev/stdin "$root/usr/share/man/man1/selfprov.1.gz"
# complete SHELL FILE: where the command has completions.
complete() {
  if words=$(bin/selfprov completion "$1" 2>/dev/null) && [ -n "$words" ]; then
    printf '%s\n' "$words" | install -D -m 644 /dev/stdin "$root$2"
  fi
}
install_as 644 packaging/debian/lintian-overrides /usr/share/lintian/overrides/selfprov
complete bash /usr/share/bash-completion/completions/selfprov
complete zsh /usr/share/zsh/vendor-completions/_selfprov
complete fish /usr/share/fish/vendor_completions.d/selfprov.fish

mkdir "$root/DEBIAN"
for script in postinst prerm postrm; do install_as 755 "packaging/debian/$script" "/DEBIAN/$script"; done
printf '/etc/%s\n' logrotate.d/selfprov selfprov/selfprov.env >"$root/DEBIAN/conffiles"
cat >"$root/DEBIAN/control" <<END
Package: selfprov
Version: $version
Architecture: $architecture
Maintainer: The selfprov authors <selfprov@localhost>
Section: comm
Priority: optional
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f 1)
Depends: nodejs (>= 20.19~), nodejs (>= $node~), nodejs (<< $((node + 1))~), libc6 (>= ${glibc#GLIBC_}), libstdc++6, adduser
Recommends: logrotate
Suggests: asterisk (>= 1:20~), fail2ban, postgresql
Description: self-provisioning of SIP phones on Asterisk
 A new phone gets a restricted line of its own; its user dials a number,
 keys in extension and PIN, and the phone is theirs. selfprov serves the
 files that phones fetch, answers the call, and watches until the phone is
 back as the user's. It works beside an Asterisk 20 or later that exists,
 or runs one of its own.
END
(cd "$root" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)

mkdir -p dist-package
dpkg-deb --root-owner-group -Zgzip --build "$root" "$target" >/dev/null
say "$target"
