#!/bin/sh
# Makes the Secrets of certificates.yaml where there is no cert-manager: `sh without-cert-manager.sh FOLDER`. The authority and its key stay in
# that folder, which must be kept and kept secret. Run again, it makes new certificates by the same authority.
set -eu
cd "${1:?the folder of the authority}"
umask 077

[ -e ca.key ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -sha256 \
  -subj "/CN=ticketing stores" -keyout ca.key -out ca.crt

# The Secret of a store, with a certificate for these names and for `kubectl port-forward`.
certify() {
  store=$1
  shift
  names="DNS:localhost"
  for name in "$@"; do names="$names,DNS:$name"; done
  printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$names" > extensions
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 -subj "/CN=$store" -keyout tls.key -out request
  openssl x509 -req -in request -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -sha256 -extfile extensions -out tls.crt
  kubectl --namespace=ticketing create secret generic "$store-tls" --type=kubernetes.io/tls \
    --from-file=tls.crt --from-file=tls.key --from-file=ca.crt --dry-run=client --output=yaml | kubectl apply --filename=-
  rm tls.key tls.crt request extensions
}

for service in auth tickets orders payments; do
  certify "$service-mongo" "$service-mongo-srv" \
    "$service-mongo-0.$service-mongo-srv" "$service-mongo-1.$service-mongo-srv" "$service-mongo-2.$service-mongo-srv"
done
certify nats nats-srv nats-0.nats nats-1.nats nats-2.nats
certify expiration-redis expiration-redis-srv
