# For scripts that run something against a server of their own. To be sourced.

# debug_server: the server to run, COUNTERSIGN_BIN or the debug build, which is built first if it is out of date.
debug_server() {
  if [ -z "${COUNTERSIGN_BIN:-}" ]; then
    cargo build --quiet --package countersign-server --locked
    COUNTERSIGN_BIN=${CARGO_TARGET_DIR:-target}/debug/countersign
  fi
  COUNTERSIGN_BIN=$(realpath "$COUNTERSIGN_BIN")
  export COUNTERSIGN_BIN
}

# start_server FOLDER ARGUMENT...: keeps its data and its log there, and sets server_url.
start_server() {
  local tries
  : >"$1/address"
  # The rate limits, which have their own tests, would hide everything else.
  COUNTERSIGN__LIMITS__SCALE=1000 "$COUNTERSIGN_BIN" serve --listen 127.0.0.1:0 --data-dir "$1/data" "${@:2}" \
    >>"$1/address" 2>"$1/server.log" &
  server=$!
  for ((tries = 0; tries < 100; tries++)); do
    server_url=$(sed -n 's/^listening on //p' "$1/address")
    [ -z "$server_url" ] || return 0
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  echo "the server does not start: $(cat "$1/server.log")" >&2
  exit 1
}

# stop_server: ends it, if there is one.
stop_server() {
  [ -n "${server:-}" ] || return 0
  kill "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  server=
}
