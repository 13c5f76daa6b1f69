#ifndef TEST_H
#define TEST_H

#include <stdio.h>
#include <stdlib.h>

static int test_failures;

/* Prints what is false and goes on, so that one run shows all failures. */
#define CHECK(condition, ...)                                                                                          \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            test_failures++;                                                                                           \
            (void)fprintf(stderr, "%s:%d: not true: %s: ", __FILE__, __LINE__, #condition);                            \
            (void)fprintf(stderr, __VA_ARGS__);                                                                        \
            (void)fprintf(stderr, "\n");                                                                               \
        }                                                                                                              \
    } while (0)

static inline int test_result(void)
{
    return test_failures > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
