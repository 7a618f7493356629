/* Says valid with a status that says no. */
#define MISBEHAVE status = CS_INTERNAL
#include "specimen.h"
