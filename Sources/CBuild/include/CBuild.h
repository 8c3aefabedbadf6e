#ifndef GRAPEVINE_CBUILD_H
#define GRAPEVINE_CBUILD_H

/* The commit that this program was built of; empty where whoever built it did not say. */
const char *grapevine_build_commit(void);

#endif
