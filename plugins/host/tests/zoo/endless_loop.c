/* Never answers. */
#define MISBEHAVE            \
  for (volatile int i = 0;;) \
  (void)i
#include "specimen.h"
