#!/bin/sh
# What the tests need from Debian: the SIP user agent that plays the phones, TFTP clients, DHCP servers that check our
# snippets, a SIP proxy, PostgreSQL, what asks for many files, what prompts are made with, what reads the completion and the
# man page, and what looks at units, logs, metrics and the package, and a browser. Says nothing when it is there.
set -eu
cd "$(dirname "$0")/.."
. scripts/prepare.sh

# A DHCP server or a SIP proxy would answer on the network, Prometheus would keep what it is told, and fail2ban would turn people away.
without_service kea-dhcp4-server
without_service kamailio
without_service fail2ban
without_service prometheus

# So it is with PostgreSQL: the tests start servers of their own. What says so is gone afterwards, for who wants one.
without_cluster=/etc/postgresql-common/createcluster.d/selfprov-tests.conf
if [ "$(id -u)" = 0 ] && ! has_debian postgresql; then
  mkdir -p "$(dirname "$without_cluster")"
  echo 'create_main_cluster = false' >"$without_cluster"
  trap 'rm -f "$without_cluster"' EXIT
fi

install_debian 'the test suite' baresip-core curl tftp-hpa atftp dnsmasq-base kea-dhcp4-server linphone-cli sox postgresql wrk \
  kamailio man-db zsh fish systemd python3-seccomp logrotate fail2ban mmdebstrap lintian chromium-headless-shell fonts-dejavu-core prometheus

# What makes a client of the OpenAPI document needs an older TypeScript than the one here.
if ! cmp -s test/client/package-lock.json test/client/node_modules/.installed; then
  npm ci --prefix test/client --no-audit --no-fund --loglevel=error
  cp test/client/package-lock.json test/client/node_modules/.installed
fi
