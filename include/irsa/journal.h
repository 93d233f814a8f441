/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal: what a run is about to do is on the disk before it is done, and what came of it after,
 * so that a run that was killed can be told from one that ended, finished by the next one, and
 * taken back by `rollback`. One file a run in $XDG_STATE_HOME/irsa-fix/runs (or
 * ~/.local/state/irsa-fix/runs: XDG Base Directory Specification), directories 0700, files 0600,
 * JSON lines, each flushed by fsync before the call that it announces. No secrets stand in it: only
 * what changes hold, which are ARNs, names and policies.
 *
 * Records, in the order in which they are written:
 *   {"record": "run", "version": 1, "id", "started" (RFC 3339, UTC), "command", "user", "host",
 *    "pid", "irsa_fix_version", "world" (key of the lock), "cluster" (as in irsa_plan_json),
 *    "source", "arguments" (as in saved plans), "continues": id|null, "undoes": id|null}
 *   {"record": "change", "index", "at", "change": {"id", "action", "kind", "target", "before",
 *    "after", "class", "because"}}                      before it is made; several for a batch
 *   {"record": "files", "at", "files": [...]}           captured worlds: what brings back the bytes
 *   {"record": "result", "index", "at", "result": "done"|"failed", "message", "hint"}
 *   {"record": "end", "at", "outcome"}                  the run ended by itself
 *   {"record": "settled", "at", "by": id, "changes": [{"index", "holds": true|false|null}]}
 *                                                       a later run found it killed and looked
 */
#ifndef IRSA_FIX_JOURNAL_H
#define IRSA_FIX_JOURNAL_H

#include "irsa/plan.h"

#endif
