#!/bin/sh
# How the frozen library was built: gcc 12.2.0 of Debian 12, on x86_64. It is not built again.
set -eu
cd "$(dirname "$0")"
cc -std=c11 -O2 -Wall -Wextra -Werror -fPIC -shared -fvisibility=hidden \
  -Wl,-z,defs -Wl,-z,relro -Wl,-z,now -Wl,-Bsymbolic -s \
  -I ../../../../abi/include -o plugin-x86_64.so plugin.c
sha256sum plugin-x86_64.so
