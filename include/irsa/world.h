/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world: where facts come from and changes go, as a table of functions. The captured world is a
 * directory of files (docs/captured-worlds.md).
 */
#ifndef IRSA_FIX_WORLD_H
#define IRSA_FIX_WORLD_H

#include "irsa/facts.h"
#include "irsa/plan.h"

struct irsa_world;
struct irsa_world_ops {
    /* Everything that can be seen, finished facts. */
    int (*gather)(struct irsa_world *world, struct irsa_facts **ret, struct irsa_error **reterr);
    /* Carries out one change. The object must still be as `before` says, else CONFLICT and nothing
     * is done. Idempotent: a change whose `after` holds already is done. */
    int (*apply)(struct irsa_world *world, const struct irsa_facts *facts,
                 const struct irsa_change *change, struct irsa_error **reterr);
    /* The same for several changes of which none needs another: errors[i] (NULL before) is set
     * where changes[i] was not done. NULL where a world has no better way than one after the other.
     */
    void (*apply_all)(struct irsa_world *world, const struct irsa_facts *facts,
                      const struct irsa_change *const *changes, size_t count,
                      struct irsa_error **errors);
    void (*free)(struct irsa_world *world);
};
struct irsa_world {
    const struct irsa_world_ops *ops;
};
void irsa_world_free(struct irsa_world *world);
static inline void irsa_world_freep(struct irsa_world **p)
{
    irsa_world_free(*p);
}
#define irsa_auto_world IRSA_CLEANUP(irsa_world_freep) struct irsa_world *

/* A captured world. ignore: globs on names relative to the directory. Opens nothing yet. Errors:
 * IO, NOT_FOUND (no such directory, with the nearest name as hint). */
int irsa_captured_new(const char *directory, const struct irsa_strings *ignore,
                      struct irsa_world **ret, struct irsa_error **reterr);
/* After gather: files that were read but have no shape known here, for --verbose. Borrowed. */
const struct irsa_strings *irsa_captured_passed_over(const struct irsa_world *captured);

#endif
