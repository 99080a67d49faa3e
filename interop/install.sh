#!/usr/bin/env bash
# Fetches real mail servers, PostgreSQL, Laravel and strace from Debian 12 and unpacks them into one folder, interop/.servers/image, which the suite copies
# and enters with chroot. Nothing is installed: no service starts, no user is made, packages that would not stand side by
# side do, and this machine stays as it is. Beside them comes Prometheus, for the alert rules; it needs no more than the
# machine's own C library. Run again, it does nothing.
set -euo pipefail
cd "$(dirname "$0")"

# Debian 12's own OpenSMTPD cannot speak TLS: it is older than the OpenSSL it is built with.
roots=(postfix sasl2-bin libsasl2-modules exim4-daemon-light opensmtpd/bookworm-backports dovecot-core dovecot-lmtpd postgresql-15 strace dash php8.2-cli php8.2-mbstring php8.2-xml php-laravel-framework)
# What only their maintainer scripts need, which do not run here.
unneeded='^(perl.*|libperl.*|lib.*-perl|usrmerge|dpkg|tar|cpio|debconf|e2fsprogs|libext2fs2|libss2|logsave|adduser|passwd|libpam-.*|ucf|ssl-cert|init-system-helpers|lsb-base|sysvinit-utils|sensible-utils|cron.*|exim4-config|exim4-base|debianutils|libsemanage.*|libsepol.*|netbase|procps|libllvm.*|postgresql-common|postgresql-client-common)='

folder=$PWD/.servers
image=$folder/image
mkdir -p "$folder"
# What a run that was killed left behind.
find "$folder" -mindepth 1 -maxdepth 1 -name '*-*' -mmin +60 -exec rm -rf {} +

wanted=$(cksum < install.sh)
if [ "$(cat "$folder/installed" 2> /dev/null)" = "$wanted" ]; then exit 0; fi

if [ "$(id -u)" != 0 ]; then
  echo 'interop/install.sh must run as root: mail servers change their user, and the suite gives each a root folder of its own' >&2
  exit 1
fi

rm -rf "$folder"
apt=$folder/apt
mkdir -p "$apt"/{lists,archives}/partial
# Nothing counts as installed, so that each server comes with all that it needs, down to the C library.
touch "$apt/status"
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)
printf "deb $mirror %s main\n" bookworm bookworm-backports > "$apt/sources.list"
get() {
  apt-get -qq -o "Dir::State=$apt" -o "Dir::State::status=$apt/status" -o "Dir::Cache=$apt" \
    -o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=- -o APT::Sandbox::User=root "$@"
}
get update
for package in "${roots[@]}"; do
  get --simulate --no-install-recommends install "$package" | sed -nE 's/^Inst ([^ ]+) \(([^ ]+) .*/\1=\2/p'
done | sort -u | grep -Ev "$unneeded" > "$folder/packages"
export -f get
export apt
(cd "$apt/archives" && xargs -a "$folder/packages" bash -c 'get download "$@"' get)

mkdir -p "$image"/{dev,etc,tmp,run,proc,usr/{bin,sbin,lib,lib64},var/{spool,log,mail,lib}}
for each in bin sbin lib lib64; do ln -s "usr/$each" "$image/$each"; done
ln -s ../run "$image/var/run"
chmod 1777 "$image/tmp"
mknod -m 666 "$image/dev/null" c 1 3
mknod -m 666 "$image/dev/zero" c 1 5
mknod -m 666 "$image/dev/random" c 1 8
mknod -m 666 "$image/dev/urandom" c 1 9
for deb in "$apt"/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$image" --keep-directory-symlink --no-same-owner \
    --exclude './usr/share/doc*' --exclude './usr/share/man' --exclude './usr/share/locale' \
    --exclude './usr/share/lintian' --exclude './usr/share/bug' --exclude './lib/systemd' --exclude './usr/lib/systemd'
done
ln -sf dash "$image/usr/bin/sh"

mkdir "$apt/prometheus" "$folder/prometheus"
(cd "$apt/prometheus" && get download prometheus)
dpkg-deb --fsys-tarfile "$apt"/prometheus/*.deb |
  tar -x -C "$folder/prometheus" --strip-components 3 --no-same-owner ./usr/bin/prometheus ./usr/bin/promtool
rm -rf "$apt"
echo "$wanted" > "$folder/installed"
