/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. Any thread. */
#ifndef VOUCH_BASE_UTF8_H
#define VOUCH_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the character at the start of `bytes`; returns how many bytes it takes, 0 when they are not UTF-8 or `size` is
 * 0. U+0000 is a character. */
size_t utf8_next(const uint8_t *bytes, size_t size, uint32_t *character);

bool utf8_valid(const uint8_t *bytes, size_t size);

#endif
