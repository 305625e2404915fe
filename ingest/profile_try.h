/* profile_try.h — `rta profile test`. */
#ifndef RTA_PROFILE_TRY_H
#define RTA_PROFILE_TRY_H

#include "stage.h"

/* Read the file with the profile, a draft, too, and show `most` cells (0: all) on standard output.
 */
MUST_CHECK int profile_try(struct stage *st, const char *profile, const char *path, size_t most,
                           struct err *e);

#endif
