/* Says what is wrong in bytes that are no text. */
#define MISBEHAVE status = cs_fail(&reply->error, CS_INVALID_INPUT, "\xff\xfe")
#include "specimen.h"
