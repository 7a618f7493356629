/* Says valid with a status that nobody knows. */
#define MISBEHAVE status = 77
#include "specimen.h"
