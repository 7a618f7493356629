/* Takes its time over some messages. */
#define MISBEHAVE                                        \
  for (volatile uint64_t turns = 0; turns < 1000000000;) { \
    turns = turns + 1;                                   \
  }
#ifndef WHEN
#define WHEN(request) ((request)->message.len > 60000)
#endif
#include "specimen.h"
