/* SPDX-License-Identifier: Apache-2.0 */
/* Several changes of one object become one: what the first found, and what the last left. */
#include "irsa/rollback.h"

/* --- partial objects -------------------------------------------------------------------------- */

static json_t *overlay(const json_t *base, const json_t *from, const json_t *to);

static void overlay_key(json_t *result, const char *key, const json_t *from, const json_t *to)
{
    const json_t *old = json_object_get(from, key);
    const json_t *new = json_object_get(to, key);
    const json_t *now = json_object_get(result, key);
    if ((json_is_object(old) || !old) && json_is_object(new))
        json_object_set_new(result, key, overlay(now, old, new));
    else if (new && !json_is_null(new))
        json_object_set(result, key, (json_t *)new);
    else if (json_is_object(old) && json_is_object(now))
        json_object_set_new(result, key, overlay(now, old, new));
    else
        json_object_del(result, key);
}

/* `base` with all that a change from `from` to `to` mentions as `to` has it. */
static json_t *overlay(const json_t *base, const json_t *from, const json_t *to)
{
    json_t *result = json_is_object(base) ? json_copy((json_t *)base) : json_object();
    const json_t *sides[] = {from, to};
    for (size_t i = 0; i < IRSA_COUNT(sides); i++) {
        const char *key = NULL;
        json_t *value = NULL;
        json_object_foreach((json_t *)sides[i], key, value)
        {
            if (i == 0 || !json_object_get(from, key))
                overlay_key(result, key, from, to);
        }
    }
    return result;
}

/* Trust policies are replaced as a whole, and so is what was created or deleted. */
static bool is_partial(const struct irsa_change *change)
{
    return change->action == IRSA_ACTION_UPDATE && change->kind != IRSA_OBJECT_TRUST_POLICY
           && change->kind != IRSA_OBJECT_ROLE_POLICY && change->kind != IRSA_OBJECT_PROVIDER;
}

/* --- two changes ------------------------------------------------------------------------------ */

static enum irsa_action action_of(const struct irsa_change *change)
{
    if (!change->before && change->after && change->kind != IRSA_OBJECT_TRUST_POLICY)
        return IRSA_ACTION_CREATE;
    return change->after ? IRSA_ACTION_UPDATE : IRSA_ACTION_DELETE;
}

static json_t *reference(json_t *value)
{
    return value ? json_incref(value) : NULL;
}

static void append(struct irsa_change *net, const struct irsa_change *next)
{
    json_t *after = next->after && is_partial(next) && net->after
                        ? overlay(net->after, next->before, next->after)
                        : reference(next->after);
    json_t *before = net->before && is_partial(net) && next->before
                         ? overlay(next->before, net->after, net->before)
                         : reference(net->before);
    json_decref(net->after);
    json_decref(net->before);
    net->after = after;
    net->before = before;
    net->action = action_of(net);
    if (next->class_ == IRSA_CLASS_OWNED)
        net->class_ = next->class_;
}

static struct irsa_undo_net begin(const struct irsa_undo_change *from)
{
    const struct irsa_change *change = from->change;
    struct irsa_undo_net net = {
        .change = {.action = change->action,
                   .kind = change->kind,
                   .target = irsa_strdup(change->target),
                   .before = reference(change->before),
                   .after = reference(change->after),
                   .class_ = change->class_},
        .certainty = from->certainty,
    };
    return net;
}

/* --- all of them ------------------------------------------------------------------------------ */

static char *key_of(enum irsa_object_kind kind, const char *target)
{
    return irsa_format("%d %s", (int)kind, target);
}

/* A role that the job made goes with the trust policy that it got later. */
static void take_trusts(struct irsa_undo_net *nets, size_t count, const struct irsa_map *index)
{
    for (size_t i = 0; i < count; i++) {
        struct irsa_change *trust = &nets[i].change;
        irsa_autofree char *key = key_of(IRSA_OBJECT_ROLE, trust->target);
        size_t place = irsa_map_get(index, key);
        if (trust->kind != IRSA_OBJECT_TRUST_POLICY || place == IRSA_MAP_NONE)
            continue;
        struct irsa_change *role = &nets[place].change;
        if (role->before || !role->after)
            continue;
        json_t *after = json_copy(role->after);
        if (trust->after)
            json_object_set(after, "AssumeRolePolicyDocument", trust->after);
        json_decref(role->after);
        role->after = after;
        json_decref(trust->before);
        json_decref(trust->after);
        trust->before = NULL;
        trust->after = NULL;
    }
}

/* Those that came to nothing go. */
static size_t drop_empty(struct irsa_undo_net *nets, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct irsa_change *change = &nets[i].change;
        if ((!change->before && !change->after)
            || (change->before && change->after && json_equal(change->before, change->after)))
            irsa_change_done(change);
        else
            nets[kept++] = nets[i];
    }
    return kept;
}

size_t irsa_undo_merge(const struct irsa_undo *undo, struct irsa_undo_net **ret)
{
    struct irsa_undo_net *nets = irsa_calloc(undo->change_count + 1, sizeof(*nets));
    irsa_auto_map index = {0};
    size_t count = 0;
    for (size_t i = 0; i < undo->change_count; i++) {
        const struct irsa_undo_change *from = &undo->changes[i];
        irsa_autofree char *key = key_of(from->change->kind, from->change->target);
        size_t place = irsa_map_get(&index, key);
        if (place == IRSA_MAP_NONE) {
            irsa_map_put(&index, key, count);
            nets[count++] = begin(from);
            continue;
        }
        /* What failed adds nothing to what was done. */
        if (from->certainty == IRSA_UNDO_FAILED && nets[place].certainty != IRSA_UNDO_FAILED)
            continue;
        if (nets[place].certainty == IRSA_UNDO_FAILED && from->certainty != IRSA_UNDO_FAILED) {
            irsa_change_done(&nets[place].change);
            nets[place] = begin(from);
            continue;
        }
        append(&nets[place].change, from->change);
        if (from->certainty < nets[place].certainty)
            nets[place].certainty = from->certainty;
    }
    take_trusts(nets, count, &index);
    *ret = nets;
    return drop_empty(nets, count);
}
