#!/usr/bin/env bash
# Runs the doctor on broken set-ups, in a network of their own: there, every port and every name is ours, and nothing
# leaves it. It needs root, for the name spaces.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v ip > /dev/null || ! command -v openssl > /dev/null; then
  apt-get update
  apt-get install -y --no-install-recommends iproute2 openssl
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
doctor/make-certificates.sh "$folder/certificates"
printf 'nameserver 127.0.0.53\noptions timeout:1 attempts:1\n' > "$folder/resolv.conf"
printf '127.0.0.1 localhost\n::1 localhost\n' > "$folder/hosts"

inside='
ip link set lo up
ip -6 address add 2001:db8::25/128 dev lo
mount --bind "$0/resolv.conf" /etc/resolv.conf
mount --bind "$0/hosts" /etc/hosts
exec "${@}"
'
CERTIFICATES="$folder/certificates" NODE_EXTRA_CA_CERTS="$folder/certificates/ca.pem" \
  unshare --net --mount bash -c "$inside" "$folder" ../node_modules/.bin/vitest run --config doctor/vitest.config.ts "$@"
