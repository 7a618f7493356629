/* Writes an answer of its own making to whatever is open. */
#include <unistd.h>
#define MISBEHAVE                                              \
  for (int fd = 3; fd < 32; fd++) {                            \
    status += (int32_t)write(fd, "\x02\0\0\0\xff\xff", 6);    \
  }
#include "specimen.h"
