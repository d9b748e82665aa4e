#!/bin/sh
# What the tests need from Debian: the SIP user agent that plays the phones, TFTP clients, DHCP servers that check our
# snippets, and what prompts are made with. Says nothing when it is there.
set -eu
cd "$(dirname "$0")/.."
. scripts/prepare.sh

# Only its program is wanted: a DHCP server that starts by itself would answer on the network.
[ ! -d /run/systemd/system ] || systemctl mask --runtime kea-dhcp4-server >/dev/null 2>&1 || true

install_debian 'the test suite' baresip-core curl tftp-hpa atftp dnsmasq-base kea-dhcp4-server linphone-cli sox
