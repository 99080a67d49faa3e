#!/usr/bin/env bash
# Installs Debian's Chromium, and fonts for it, where they are missing; as root.
set -euo pipefail

if command -v chromium > /dev/null; then exit 0; fi
if [ "$(id -u)" != 0 ]; then
  echo 'browser/install.sh must run as root to install chromium; or install it another way' >&2
  exit 1
fi
apt-get update
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium fonts-dejavu-core
