/* Leaves the verdict as it found it. */
#define MISBEHAVE reply->verdict = 0
#include "specimen.h"
