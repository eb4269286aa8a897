/* SPDX-License-Identifier: Apache-2.0
 *
 * What the promise plugins are asked to do: the party of the first touch, the id of the first candidate. */
#ifndef VOUCH_TESTS_PLUGINS_ASKED_H
#define VOUCH_TESTS_PLUGINS_ASKED_H

enum asked {
    ASKED_NOTHING = 1,
    ASKED_ALLOC,
    ASKED_EXPLAIN,
    ASKED_LONG,
    ASKED_SILENT,
    ASKED_LOG,
    ASKED_DEFER,
    ASKED_UNSUPPORTED,
    ASKED_BOUND, /* the largest sum of weights */
    ASKED_NONE,  /* no share at all */
    ASKED_WHY,   /* reasons of all sorts */
    ASKED_LARGE  /* x_ppm above the whole, though not known */
};

#endif
