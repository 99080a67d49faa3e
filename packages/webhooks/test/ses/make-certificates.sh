#!/bin/sh
# Writes certificates.ts anew: RSA keys and certificates as Amazon SNS has them, and others that must not be believed. Needs
# openssl 3. The keys protect nothing.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
touch "$work/index"
cat > "$work/ca.conf" <<END
[ca]
default_ca = test
[test]
database = $work/index
new_certs_dir = $work
rand_serial = yes
unique_subject = no
default_md = sha256
policy = names
[names]
commonName = supplied
END
# make <name> <bits> <not before> <not after>
make() {
  openssl genrsa "$2" 2> /dev/null | openssl pkcs8 -topk8 -nocrypt -out "$work/$1.key"
  openssl req -new -key "$work/$1.key" -subj '/CN=sns.amazonaws.com' -out "$work/$1.csr"
  openssl ca -batch -notext -config "$work/ca.conf" -startdate "$3" -enddate "$4" \
    -in "$work/$1.csr" -out "$work/$1.pem" -selfsign -keyfile "$work/$1.key" 2> /dev/null
  printf '  %s: {\n    key: `%s\n`,\n    cert: `%s\n`,\n  },\n' "$1" "$(cat "$work/$1.key")" "$(cat "$work/$1.pem")"
}
{
  echo '/** Test keys, made by make-certificates.sh. They protect nothing. */'
  echo 'export const certificates = {'
  make good 2048 20200101000000Z 21191231000000Z
  make other 2048 20200101000000Z 21191231000000Z
  make expired 2048 20200101000000Z 20200201000000Z
  make future 2048 21180101000000Z 21191231000000Z
  make weak 1024 20200101000000Z 21191231000000Z
  echo '}'
} > "$work/certificates.ts"
mv "$work/certificates.ts" certificates.ts
