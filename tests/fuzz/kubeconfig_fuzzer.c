/* SPDX-License-Identifier: Apache-2.0 */
/* A kubeconfig of two files, and what a plugin prints. What must hold: whatever is read can be
 * asked for each of its contexts, and what a plugin is believed gives a log-in. The first line
 * break that is followed by a form feed divides the files. */
#include "kube/kube.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_context(const struct irsa_kubeconfig *config, const char *name)
{
    struct irsa_kubeconfig_choice choice = {0};
    irsa_auto_error error = NULL;
    irsa_auto_kube kube = irsa_calloc(1, sizeof(*kube));
    const struct irsa_kube_options options = {0};
    if (irsa_kubeconfig_choose(config, name, &choice, &error) != 0)
        return;
    if (irsa_kube_from_context(kube, &choice, &error) != 0)
        return;
    if (irsa_kube_conclude(kube, &options, choice.cluster->name, &error) != 0)
        abort(); /* nothing contradicts */
    if (!kube->server || !strstr(kube->server, "://") || !kube->default_namespace)
        abort();
}

/* Files would be read from wherever the input says: it names none. */
static bool names_files(const struct irsa_kubeconfig_entries *entries)
{
    static const char *const keys[] = {"certificate-authority", "client-certificate", "client-key"};
    for (size_t i = 0; i < entries->len; i++) {
        for (size_t k = 0; k < IRSA_COUNT(keys); k++) {
            if (irsa_kubeconfig_string(&entries->items[i], keys[k]))
                return true;
        }
    }
    return false;
}

static void try_config(const char *text, size_t len)
{
    irsa_auto_error error = NULL;
    irsa_auto_kubeconfig config = {0};
    const char *second = memmem(text, len, "\n\f", 2);
    size_t first = second ? (size_t)(second - text) : len;
    if (irsa_kubeconfig_read("a", text, first, &config, &error) != 0)
        return;
    if (second && irsa_kubeconfig_read("b/c", second + 2, len - first - 2, &config, &error) != 0)
        return;
    if (names_files(&config.clusters) || names_files(&config.users))
        return;
    try_context(&config, NULL);
    for (size_t i = 0; i < config.contexts.len; i++)
        try_context(&config, config.contexts.items[i].name);
}

static void try_plugin(const char *text, size_t len)
{
    irsa_auto_error error = NULL;
    irsa_auto_kube kube = irsa_calloc(1, sizeof(*kube));
    kube->exec = json_pack("{s:s}", "apiVersion", "client.authentication.k8s.io/v1");
    kube->exec_command = irsa_strdup("plugin");
    if (irsa_kube_exec_take(kube, text, len, &error) == 0 && kube->authorization.len == 0
        && !kube->certificate)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    irsa_autofree char *text = irsa_calloc(size + 1, 1);
    if (size > 0)
        memcpy(text, data, size);
    irsa_log_set_level(IRSA_LOG_ERROR);
    try_config(text, size);
    try_plugin(text, size);
    return 0;
}
