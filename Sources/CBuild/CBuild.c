#include "CBuild.h"

/* Package.swift takes it from the environment, and the Makefile puts it there. In C, because a
   Swift file has no constants from outside; and in a file of its own, so that another commit makes
   nothing but this file anew. */
#ifndef GRAPEVINE_COMMIT
#define GRAPEVINE_COMMIT ""
#endif

const char *grapevine_build_commit(void) { return GRAPEVINE_COMMIT; }
