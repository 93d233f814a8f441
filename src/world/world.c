/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/world.h"

void irsa_world_free(struct irsa_world *world)
{
    if (world)
        world->ops->free(world);
}
