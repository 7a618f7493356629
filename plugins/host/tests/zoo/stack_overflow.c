/* Calls itself until the stack is full. */
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Winfinite-recursion"
static inline int deeper(volatile int *above) {
  volatile int here[1024];
  here[0] = *above + 1;
  return deeper(here) + here[0];
}
#define MISBEHAVE          \
  volatile int bottom = 0; \
  status = deeper(&bottom)
#include "specimen.h"
