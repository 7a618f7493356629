#define VERSION "1\xff"
#include "specimen.h"
