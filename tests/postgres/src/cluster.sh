# Runs a PostgreSQL cluster as long as standard input is open. Whoever started it may end in any way: then the pipe
# closes, the cluster is ended, and its directory is removed.
#
#   cluster.sh BIN DIRECTORY PORT   the password is the first line of standard input
#
# Says the postmaster's process id. At a further line it is killed and started again.
set -eu
bin=$1 directory=$2 port=$3
trap 'rm -rf "$directory"' EXIT
trap '' INT

start() {
  # What is lost with the machine may be lost here; `synchronous_commit` stays as it is in production.
  "$bin/postgres" -D "$directory/data" -p "$port" -k "$directory" -c listen_addresses=127.0.0.1 \
    -c fsync=off -c full_page_writes=off -c shared_buffers=32MB -c max_connections=300 \
    </dev/null >>"$directory/log" 2>&1 &
  postmaster=$!
  echo "$postmaster"
}

# Its processes may be stopped. Those of a killed postmaster end by themselves.
end() {
  for process in $(cat /proc/"$postmaster"/task/*/children 2>/dev/null) "$postmaster"; do
    kill -CONT "$process" 2>/dev/null || :
  done
  kill -QUIT "$postmaster" 2>/dev/null || :
  wait "$postmaster" || :
}

read -r password
printf '%s\n' "$password" >"$directory/password"
"$bin/initdb" --pgdata "$directory/data" --username countersign --pwfile "$directory/password" \
  --auth scram-sha-256 --encoding UTF8 --no-locale --no-sync >"$directory/log" 2>&1
start
while read -r _; do
  end
  start
done
end
