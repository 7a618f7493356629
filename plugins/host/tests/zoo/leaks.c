/* Keeps what each call allocates. */
#include <stdlib.h>
#define WHEN(request) 1
#define MISBEHAVE status = keep(instance, request, reply)
#include "countersign_plugin.h"
static inline int32_t keep(void *, const cs_verify_request *, cs_verify_reply *);
#include "specimen.h"
static char *volatile kept;
static inline int32_t keep(void *instance, const cs_verify_request *request, cs_verify_reply *reply) {
  char *room = malloc(4096);
  if (room != NULL) {
    memset(room, 1, 4096);
  }
  kept = room;
  return verify(instance, request, reply);
}
