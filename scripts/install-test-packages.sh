#!/bin/sh
# What the tests need from Debian: baresip, the SIP user agent that plays the phones. Says nothing when it is there.
set -eu
cd "$(dirname "$0")/.."
. scripts/prepare.sh

install_debian 'the test suite' baresip-core
