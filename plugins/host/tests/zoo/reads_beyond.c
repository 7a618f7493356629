/* Reads behind the message. */
#define MISBEHAVE status = ((const volatile uint8_t *)request->message.ptr)[request->message.len] > 255
#define WHEN(request) ((request)->message.len > 20)
#include "specimen.h"
