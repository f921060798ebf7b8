/* SPDX-License-Identifier: GPL-2.0 */
/* A trace drawn as SVG. */
#ifndef TOOLS_NETCHANCTL_SVG_H
#define TOOLS_NETCHANCTL_SVG_H

#include "trace_file.h"

/* Draws one of the trace's connections. */
void svg_draw(FILE *out, const struct trace_file *t, size_t connection);

#endif
