/* Gives up. */
#include <stdlib.h>
#define MISBEHAVE abort()
#include "specimen.h"
