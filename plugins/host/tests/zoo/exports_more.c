/* Exports a function besides its descriptor. */
#include "specimen.h"
int helper(void);
CS_VISIBLE int helper(void) { return 1; }
