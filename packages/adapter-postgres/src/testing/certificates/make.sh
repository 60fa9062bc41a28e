#!/bin/sh
# Makes the certificates of the tests. They are test data: the keys are public.
set -eu
cd "$(dirname "$0")"
days=36500
curve='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc'
authority() {
  openssl req -x509 $curve -days $days -keyout "$1.key" -out "$1.crt" -subj "/CN=Mortise test $1"
}
# leaf NAME SUBJECT SAN HASH
leaf() {
  openssl req $curve -keyout "$1.key" -subj "$2" -out "$1.csr"
  printf 'subjectAltName=%s\n' "$3" > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA authority.crt -CAkey authority.key -CAcreateserial \
    -days $days "-$4" -extfile "$1.ext" -out "$1.crt"
  rm "$1.csr" "$1.ext"
}
authority authority
authority stranger
leaf server /CN=localhost DNS:localhost,IP:127.0.0.1 sha384
leaf elsewhere /CN=db.example.com DNS:db.example.com sha256
leaf client /CN=certified DNS:certified sha256
# Only for their signature algorithms.
openssl req -x509 -newkey rsa:2048 -noenc -days $days -keyout pss.key -out rsa-pss-sha512.crt \
  -subj /CN=pss -sha512 -sigopt rsa_padding_mode:pss
openssl req -x509 -newkey rsa:2048 -noenc -days $days -keyout sha1.key -out rsa-sha1.crt \
  -subj /CN=sha1 -sha1
openssl req -x509 -newkey ed25519 -noenc -days $days -keyout ed.key -out ed25519.crt -subj /CN=ed
rm pss.key sha1.key ed.key authority.key stranger.key authority.srl
