/* SPDX-License-Identifier: Apache-2.0 */
/* Changes that are alike, told as one. Room-private. */
#ifndef IRSA_FIX_REPORT_ALIKE_H
#define IRSA_FIX_REPORT_ALIKE_H

#include "report/pen.h"

/* The changes as an array of arrays, each of changes that differ in target and diff alone, in order
 * of the first of them. result_key: a member that must agree too, or NULL. A new reference. */
json_t *irsa_report_alike(const json_t *changes, const char *result_key);
/* True for a plan whose changes are looked at for alike ones: a re-pointing, or any long one. */
bool irsa_report_are_many(const json_t *plan);
/* True where the group is told as one. */
bool irsa_report_is_many(const struct irsa_pen *pen, const json_t *group);
/* "498 trust policies of account 111122223333 (c2 ... c499)". */
void irsa_report_group_name(struct irsa_pen *pen, const json_t *group);
/* A note without the Sid of its statement, in which alike ones may differ; the caller's. */
char *irsa_report_without_sid(const char *note);
/* "  roles: a, b, c and 488 more". */
void irsa_report_group_members(struct irsa_pen *pen, const json_t *group);

#endif
