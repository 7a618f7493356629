#define MAGIC 1
#include "specimen.h"
