/* Writes where nothing is. */
#define MISBEHAVE *(volatile int *)16 = 1
#include "specimen.h"
