#pragma once

#include <event2/event.h>
#include <stdbool.h>

/* Fetches the heads of pages, many at a time, in an event loop: libcurl says which sockets and times it waits for,
 * libevent waits. */
struct checker;

/* The status that the page answered with, or 0 and why there is no answer. */
typedef void checker_done(void *arg, long status, const char *error);

/* An http or https URL in its normal form, without user name and password; NULL for anything else. The caller frees it.
 */
char *checker_url(const char *text);

struct checker *checker_new(struct event_base *base, bool private_addresses);

/* Abandons all checks, without a call of done(). */
void checker_free(struct checker *checker);

/* False if the check cannot start; done() is not called then. The checker frees arg when it needs it no longer. */
bool checker_start(struct checker *checker, const char *url, checker_done *done, void *arg);

/* How many checks have started and not ended. */
unsigned checker_busy(const struct checker *checker);
