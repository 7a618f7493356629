/* Says 1 for yes. */
#define MISBEHAVE reply->verdict = 1
#include "specimen.h"
