/* SPDX-License-Identifier: Apache-2.0 */
#include "intent/config.h"

static void take_text(char **target, char **from)
{
    if (!*target)
        *target = irsa_steal(from);
}

/* The command line's wish for a service account, completed by what the file says of the same. */
static void complete_wish(struct irsa_wish *wish, struct irsa_wish *from)
{
    take_text(&wish->role, &from->role);
    take_text(&wish->audience, &from->audience);
    irsa_role_settings_complete(&wish->settings, &from->settings);
    if (from->labels && !wish->labels)
        wish->labels = json_object();
    if (from->labels)
        (void)json_object_update_missing(wish->labels, from->labels);
    wish->create_namespace = wish->create_namespace || from->create_namespace;
    for (size_t i = 0; i < from->need_count; i++) {
        wish->needs = irsa_grow(wish->needs, wish->need_count, sizeof(*wish->needs));
        wish->needs[wish->need_count++] = (struct irsa_need){
            .action = irsa_steal(&from->needs[i].action),
            .resource = irsa_steal(&from->needs[i].resource),
        };
    }
}

static void merge_wishes(struct irsa_intent *intent, struct irsa_intent *file)
{
    irsa_auto_map known = {0};
    for (size_t i = 0; i < intent->wish_count; i++) {
        irsa_autofree char *id =
            irsa_format("%s/%s", intent->wishes[i].namespace_, intent->wishes[i].service_account);
        (void)irsa_map_put(&known, id, i);
    }
    for (size_t i = 0; i < file->wish_count; i++) {
        struct irsa_wish *wish = &file->wishes[i];
        irsa_autofree char *id = irsa_format("%s/%s", wish->namespace_, wish->service_account);
        size_t index = irsa_map_get(&known, id);
        if (index != IRSA_MAP_NONE) {
            complete_wish(&intent->wishes[index], wish);
            continue;
        }
        intent->wishes = irsa_grow(intent->wishes, intent->wish_count, sizeof(*intent->wishes));
        intent->wishes[intent->wish_count++] = *wish;
        *wish = (struct irsa_wish){0};
    }
}

void irsa_config_merge(struct irsa_intent *intent, struct irsa_intent *file)
{
    bool other_cluster = intent->cluster_name && file->cluster_name
                         && strcmp(intent->cluster_name, file->cluster_name) != 0;
    if (!other_cluster) {
        take_text(&intent->cluster_name, &file->cluster_name);
        take_text(&intent->region, &file->region);
        take_text(&intent->account_id, &file->account_id);
        take_text(&intent->issuer, &file->issuer);
    }
    take_text(&intent->audience, &file->audience);
    irsa_role_settings_complete(&intent->defaults, &file->defaults);
    if (intent->trust_policy_quota == 0)
        intent->trust_policy_quota = file->trust_policy_quota;
    if (intent->account_count == 0) {
        intent->accounts = irsa_steal(&file->accounts);
        intent->account_count = file->account_count;
        file->account_count = 0;
    }
    merge_wishes(intent, file);
    for (size_t i = 0; i < intent->wish_count; i++) {
        struct irsa_wish *wish = &intent->wishes[i];
        irsa_role_settings_complete(&wish->settings, &intent->defaults);
        wish->create_role = wish->create_role || irsa_role_settings_grant(&wish->settings);
    }
}
