# What scripts need that may not be installed. To be sourced.

# need COMMAND PACKAGE: installs a Debian package if its command is missing and we may.
need() {
  command -v "$1" >/dev/null && return 0
  command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || return 1
  echo "installing $2"
  (apt-get update && apt-get install -y "$2") >/dev/null 2>&1 && command -v "$1" >/dev/null
}

# need_postgres: finds or installs PostgreSQL, of which tests and benchmarks start their own. Debian's package would make a
# cluster and start it, unless it is told not to.
need_postgres() {
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null && return 0
  command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || return 1
  echo "installing postgresql"
  mkdir -p /etc/postgresql-common/createcluster.d
  echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.d/countersign-tests.conf
  (apt-get update && apt-get install -y --no-install-recommends postgresql) >/dev/null 2>&1
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
}
