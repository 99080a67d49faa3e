#!/usr/bin/env bash
# Writes certificates for mail.example.test into a folder: <name>.pem with key and certificate, and ca.pem.
set -euo pipefail
folder=$1
mkdir -p "$folder"
cd "$folder"
touch index
cat > ca.conf << END
[ca]
default_ca = test
[test]
database = index
new_certs_dir = .
rand_serial = yes
unique_subject = no
default_md = sha256
policy = names
[names]
commonName = supplied
END

# sign <name> <kind of key> <names> <not after> <how to sign>...
sign() {
  local name=$1 key=$2 extensions=$3 end=$4
  shift 4
  openssl genpkey -quiet -algorithm ${key/:/ -pkeyopt } -out "$name.key"
  openssl req -new -key "$name.key" -subj "/CN=$name" -out "$name.csr"
  printf '%b' "$extensions" > "$name.ext"
  openssl ca -batch -notext -config ca.conf -startdate 20200101000000Z -enddate "$end" \
    -in "$name.csr" -extfile "$name.ext" -out "$name.crt" "$@" 2> /dev/null
  cat "$name.key" "$name.crt" > "$name.pem"
}
itself() { sign "$@" -selfsign -keyfile "$1.key"; }
by() { sign "${@:2}" -keyfile "$1.key" -cert "$1.crt"; }

ec=EC:ec_paramgen_curve:P-256
authority='basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash'
server='basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName='
far=21191231000000Z
itself ca $ec "$authority" $far
itself stranger $ec "$authority" $far
by ca good $ec "${server}DNS:mail.example.test,DNS:relay.example.test,DNS:mail.inbox.test" $far
by ca other $ec "${server}DNS:relay.example.test" $far
by ca expired $ec "${server}DNS:mail.example.test" 20200201000000Z
by ca soon $ec "${server}DNS:mail.example.test" "$(date -u -d '+5 days' +%Y%m%d%H%M%SZ)"
by ca weak RSA:rsa_keygen_bits:1024 "${server}DNS:mail.example.test" $far
by stranger untrusted $ec "${server}DNS:mail.example.test" $far
itself selfsigned $ec "${server}DNS:mail.example.test" $far
cp ca.crt ca.pem
