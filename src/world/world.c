/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/world.h"

void irsa_world_free(struct irsa_world *world)
{
    if (world)
        world->ops->free(world);
}

const struct irsa_strings *irsa_world_passed_over(const struct irsa_world *world)
{
    return world->ops->passed_over ? world->ops->passed_over(world) : NULL;
}
