/* event.h — NDJSON events: what programs tell programs. One line an event, one write a line, a
 * format version, a run id that children inherit through RTA_RUN. docs/contracts/events.md.
 * Tier 2. */
#ifndef RTA_EVENT_H
#define RTA_EVENT_H

#include "json.h"

struct events; /* NULL: nobody listens; every function accepts it */

/* path: a file to append to, or "fd:N"; NULL gives NULL. run: the inherited run id, or NULL to make
 * one. */
MUST_CHECK int events_open(struct events **ret, const char *path, const char *program,
                           const char *run, struct err *e);
void events_close(struct events *ev);
const char *events_run(const struct events *ev);
uint64_t events_lost(const struct events *ev); /* events that could not be written whole */
/* Takes over `fields` (an object or NULL). Adds v, run, program, seq, event. Failures to write are
 * counted, not reported: events never stop the work. */
void event_emit(struct events *ev, const char *event, struct json *fields);

#endif
