/* Answers another call. */
#define MISBEHAVE reply->call_id += 1
#include "specimen.h"
