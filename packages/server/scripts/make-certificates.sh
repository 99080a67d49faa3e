#!/bin/sh
# Writes ../src/certificates.ts anew: a test authority and the certificates it signs. Needs openssl 3.
# The keys are published with the package: they are for tests on this machine and protect nothing.
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

# sign <name> <common name> <extensions> <not after> <how to sign>...
sign() {
  name=$1 subject=$2 extensions=$3 end=$4
  shift 4
  openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$work/$name.key"
  openssl req -new -key "$work/$name.key" -subj "/CN=$subject" -out "$work/$name.csr"
  printf '%b' "$extensions" > "$work/$name.ext"
  openssl ca -batch -notext -config "$work/ca.conf" -startdate 20200101000000Z -enddate "$end" \
    -in "$work/$name.csr" -extfile "$work/$name.ext" -out "$work/$name.pem" "$@" 2> /dev/null
}
itself() { sign "$1" "$2" "$3" "$4" -selfsign -keyfile "$work/$1.key"; }
authority() { sign "$1" "$2" "$3" "$4" -keyfile "$work/ca.key" -cert "$work/ca.pem"; }

leaf='basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName='
here='DNS:localhost,IP:127.0.0.1,IP:::1'
far=21191231000000Z
itself ca 'Loudmail test authority' 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash' $far
authority good localhost "$leaf$here" $far
itself selfsigned localhost "$leaf$here" $far
authority expired localhost "$leaf$here" 20200201000000Z
authority wronghost wrong.example "${leaf}DNS:wrong.example" $far
authority client 'Loudmail test client' 'basicConstraints=CA:FALSE\nextendedKeyUsage=clientAuth' $far

pair() { printf '  %s: {\n    key: `%s\n`,\n    cert: `%s\n`,\n  },\n' "$1" "$(cat "$work/$1.key")" "$(cat "$work/$1.pem")"; }
{
  sed '/^export const certificates/,$d' ../src/certificates.ts
  echo "export const certificates: { readonly ca: string } & Readonly<Record<CertificateName | 'client', KeyPair>> = {"
  printf '  ca: `%s\n`,\n' "$(cat "$work/ca.pem")"
  for name in good selfsigned expired wronghost client; do pair "$name"; done
  echo '}'
} > "$work/certificates.ts"
mv "$work/certificates.ts" ../src/certificates.ts
