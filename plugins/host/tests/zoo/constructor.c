/* Writes a file as soon as the loader opens it: ZOO_FILE names it. */
#include <stdio.h>
#include "specimen.h"

__attribute__((constructor)) static void run(void) {
  FILE *file = fopen(ZOO_FILE, "w");
  if (file != NULL) {
    fclose(file);
  }
}
