/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How text is put on the page: colours, symbols with an ASCII form, and escaping of all that comes
 * from the world. Room-private.
 */
#ifndef IRSA_FIX_REPORT_PEN_H
#define IRSA_FIX_REPORT_PEN_H

#include "irsa/document.h"
#include "irsa/report.h"

struct irsa_pen {
    const struct irsa_report_style *style;
    struct irsa_buf *out;
};

enum irsa_ink {
    IRSA_INK_BOLD,
    IRSA_INK_RED,
    IRSA_INK_GREEN,
    IRSA_INK_YELLOW,
    IRSA_INK_CYAN,
};
enum irsa_mark { IRSA_MARK_GOOD, IRSA_MARK_BAD, IRSA_MARK_UNKNOWN };

/* The program's own words, as they are. */
void irsa_pen_say(struct irsa_pen *pen, const char *fmt, ...) IRSA_PRINTF(2, 3);
/* A string from the world: control characters, bidirectional overrides and (without UTF-8)
 * everything beyond ASCII come out escaped. Returns the columns it takes, one a character. */
size_t irsa_pen_quote(struct irsa_pen *pen, const char *text);
/* As above, at most `characters` of it, onto nothing: the columns alone. */
size_t irsa_pen_width(const struct irsa_pen *pen, const char *text, size_t characters);
void irsa_pen_ink(struct irsa_pen *pen, enum irsa_ink ink);
void irsa_pen_plain(struct irsa_pen *pen);
void irsa_pen_mark(struct irsa_pen *pen, enum irsa_mark mark);
const char *irsa_pen_arrow(const struct irsa_pen *pen);
/* "a, b, c and 37 more" of an array of strings; all of it when verbose. */
void irsa_pen_names(struct irsa_pen *pen, const json_t *names);

/* A line "PREFIXnote: TEXT" for each. */
void irsa_pen_notes(struct irsa_pen *pen, const char *prefix, const json_t *notes);
/* "MARK NS/NAME -> ROLE" of a binding, without the line's end. */
void irsa_pen_binding(struct irsa_pen *pen, enum irsa_mark mark, const json_t *binding);

/* "" where there is none. Borrowed. */
const char *irsa_text_at(const json_t *object, const char *key);
json_int_t irsa_number_at(const json_t *object, const char *key);

/* The sections. */
void irsa_report_cluster(struct irsa_pen *pen, const json_t *plan);
void irsa_report_bindings(struct irsa_pen *pen, const json_t *plan);
/* `all` false: errors and warnings alone. */
void irsa_report_findings(struct irsa_pen *pen, const json_t *plan, bool all);
void irsa_report_checks(struct irsa_pen *pen, const json_t *plan);
void irsa_report_changes(struct irsa_pen *pen, const json_t *plan);
void irsa_report_diff(struct irsa_pen *pen, const char *diff);
/* A plan of --repoint or --prune; it is told in place of bindings and findings. */
bool irsa_report_is_repoint(const json_t *plan);
void irsa_report_repoint(struct irsa_pen *pen, const json_t *plan, bool all);
/* True for a finding of such a plan's own. */
bool irsa_report_is_own_finding(const json_t *finding);
/* "c1 trust-policy arn:..." */
void irsa_report_change_name(struct irsa_pen *pen, const json_t *change);
/* The classes that held changes back: "narrow,pattern", the caller's; "" where only a quota did. */
char *irsa_report_held_classes(const json_t *changes);
/* What run a plan takes back, and what of it can't be; what is not yet as it was. (rollback.c) */
void irsa_report_rollback(struct irsa_pen *pen, const json_t *plan);
void irsa_report_undone(struct irsa_pen *pen, const json_t *recheck);

#endif
