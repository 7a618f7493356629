/* Takes memory until there is none, and dies of it. */
#include <stdlib.h>
#include <string.h>
#define MISBEHAVE                   \
  for (;;) {                        \
    memset(malloc(1 << 20), 1, 1 << 20); \
  }
#include "specimen.h"
