/* Ends its process as if all were well. */
#include <unistd.h>
#define MISBEHAVE _exit(0)
#include "specimen.h"
