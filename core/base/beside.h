/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs and files that belong to this program: in the tree that it stands in (which serves a build tree and a moved
 * installation), or where the package was installed. */
#ifndef VOUCH_BASE_BESIDE_H
#define VOUCH_BASE_BESIDE_H

/* `name`, which starts with a slash or is empty, in the first of the places that has it; "" when none has. Caller
 * frees. `relative` are places as seen from the directory above this program's, NULL at the end. */
char *beside_find(const char *const *relative, const char *installed, const char *name);

#endif
