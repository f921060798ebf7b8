/* SPDX-License-Identifier: GPL-2.0 */
/* Two transcripts side by side, and the differences that are known. */
#ifndef TESTS_DIFF_COMPARE_H
#define TESTS_DIFF_COMPARE_H

/*
 * Compares word by word, line by line of the same name. `where` are words that
 * say where this is ("6.1-svm"): lines of the lists for it count.
 * `extra_list`, or NULL, is a file with more of them. Returns the number of
 * records compared; -1 if a difference is not listed or a listed one not there,
 * which it prints.
 */
long compare(const char *where, const char *theirs, const char *ours, const char *extra_list);

#endif
