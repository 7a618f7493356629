#!/usr/bin/env bash
# In place of `docker compose`, for programs on this machine: what it understands is what docs/deployment.md uses.
# The test sets ROOT, PROGRAM, NGINX (a directory), POSTGRES_BINARIES and the ports, and writes nodes.sh and start.sh from compose.yaml and Dockerfile.
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
    in_node "$1" $(cat "$ROOT/health") >/dev/null 2>&1 && return 0
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
  rm "$ROOT/$1/pid"
}

# in_front TEXT: with the servers where nginx has them here.
in_front() {
  local text=${1//10.83.0.11:8080/127.0.0.1:$NODE1_PORT}
  printf '%s' "${text//10.83.0.12:8080/127.0.0.1:$NODE2_PORT}"
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
  "exec -T redis redis-cli "*)
    [ -z "${WRONG_PASSWORD:-}" ] || REDIS_PASSWORD=$WRONG_PASSWORD
    REDISCLI_AUTH=$REDIS_PASSWORD exec redis-cli -p "$REDIS_PORT" "${@:4}" ;;
  "exec -T nginx curl "*) last=${!#}; exec curl "${@:4:$#-4}" "${last/127.0.0.1/127.0.0.1:$NGINX_PORT}" ;;
  "exec -T node"*) shift; in_node "$@" ;;
  "run --rm --no-deps -T --entrypoint=tar command "*) in_node command tar "${@:6}" ;;
  "run --rm --no-deps -T command "*) in_node command countersign "${@:5}" ;;
  "exec -T nginx nginx -s reload") nginx -p "$NGINX" -c "$NGINX/nginx.conf" -e error.log -s reload ;;
  "exec -T nginx sed -i "*) sed -i "$(in_front "$5")" "$NGINX/site.conf" ;;
  *) echo "docker compose $command $*: not understood" >&2; exit 2 ;;
esac
