#include <ldns/ldns.h>
#include <stdlib.h>

/* What libldns hands out as text or bytes was made by its malloc. */
static inline void grapevine_ldns_release(void *memory) { free(memory); }
