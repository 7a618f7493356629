#!/usr/bin/env bash
# In place of `docker compose`, for programs on this machine: what it understands is what docs/deployment.md uses.
# The test sets ROOT, PROGRAM, POSTGRES_BINARIES and the ports, and writes nodes.sh and start.sh from compose.yaml and Dockerfile.
set -euo pipefail
cd "$ROOT"
set -a
[ ! -f deploy/.env ] || . deploy/.env
set +a
[ "$1" = compose ] || { echo "docker $1: not understood" >&2; exit 2; }
command=$2
shift 2

# in_node NODE COMMAND...: as in its container, with its environment and configuration.
in_node() {
  local node=$1 arguments=() argument
  shift
  for argument in "$@"; do
    argument=${argument/#countersign/$PROGRAM}
    argument=${argument/#\/etc\/countersign.toml/$ROOT/$node.toml}
    arguments+=("${argument/#\/var\/lib\/countersign-keys/$ROOT/keys}")
  done
  (. "$ROOT/nodes.sh" && mkdir -p "$ROOT/$node" && cd "$ROOT/$node" && exec "${arguments[@]}")
}

start() {
  in_node "$1" bash -c 'echo $$ > pid; exec "$@"' - $(cat "$ROOT/start") >>"$ROOT/$1.out" 2>>"$ROOT/$1.log" </dev/null &
  for _ in $(seq 100); do
    # Docker asks for the first time after an interval, by when nginx has taken the node up again.
    in_node "$1" $(cat "$ROOT/health") >/dev/null 2>&1 && { sleep 2.5; return 0; }
    sleep 0.1
  done
  echo "$1 is not healthy" >&2
  tail -5 "$ROOT/$1.log" >&2
  return 1
}

stop() {
  local pid
  pid=$(cat "$ROOT/$1/pid")
  kill "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
}

case "$command $*" in
  "up --build --detach --wait") start node1; start node2 ;;
  "build ") ;;
  "up --detach --no-deps --wait "*) stop "${!#}"; start "${!#}" ;;
  "stop "*) for node in "$@"; do stop "$node"; done ;;
  "start "*) for node in "$@"; do start "$node"; done ;;
  "exec -T postgres "*)
    shift 2
    export PGHOST=127.0.0.1 PGPORT=$POSTGRES_PORT PGPASSWORD=$POSTGRES_PASSWORD
    PATH=$POSTGRES_BINARIES:$PATH exec "$@" ;;
  "exec -T node"*) shift; in_node "$@" ;;
  *) echo "docker compose $command $*: not understood" >&2; exit 2 ;;
esac
