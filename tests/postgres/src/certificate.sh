# Makes an authority and a certificate of it for `localhost` in a directory.
#
#   certificate.sh DIRECTORY
cd "$1"
umask 077
curve="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
openssl req -x509 $curve -keyout ca.key -out ca.crt -days 2 -subj "/CN=Test authority" \
  -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign"
openssl req $curve -keyout server.key -out server.csr -subj "/CN=localhost"
echo "subjectAltName=DNS:localhost" >server.ext
openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile server.ext -out server.crt
