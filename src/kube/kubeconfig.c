/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/kubeconfig.h"

#include <errno.h>
#include <unistd.h>

static bool is_missing(const char *file)
{
    return access(file, F_OK) != 0 && errno == ENOENT;
}

static int load_file(const char *file, struct irsa_kubeconfig *config, struct irsa_error **reterr)
{
    irsa_auto_buf text = {0};
    if (irsa_file_read(file, IRSA_KUBECONFIG_MAX, &text, reterr) != 0)
        return irsa_wrap(reterr, "error loading config file");
    int result = irsa_kubeconfig_read(file, irsa_buf_str(&text), text.len, config, reterr);
    if (text.data)
        explicit_bzero(text.data, text.len); /* it may hold tokens */
    return result;
}

/* The names of KUBECONFIG, each once; empty ones mean nothing (loader.go). */
static void split_list(const char *variable, struct irsa_strings *ret)
{
    for (const char *p = variable; *p;) {
        size_t len = strcspn(p, ":");
        irsa_autofree char *file = irsa_strndup(p, len);
        if (len > 0 && !irsa_strings_has(ret, file))
            irsa_strings_add(ret, file);
        p += len + (p[len] == ':');
    }
}

static int load_list(const char *variable, struct irsa_kubeconfig *ret, struct irsa_error **reterr)
{
    irsa_auto_strings files = {0};
    split_list(variable, &files);
    for (size_t i = 0; i < files.len; i++) {
        if (!is_missing(files.items[i]) && load_file(files.items[i], ret, reterr) != 0)
            return -1;
    }
    if (files.len > 0 && ret->files.len == 0) {
        irsa_autofree char *names = irsa_strings_join(&files, ", ", ", ");
        irsa_log(IRSA_LOG_WARNING, "Config not found: %s (KUBECONFIG)", names);
    }
    return 0;
}

int irsa_kubeconfig_load(const char *file, const char *variable, const char *home,
                         struct irsa_kubeconfig *ret, struct irsa_error **reterr)
{
    if (file)
        return load_file(file, ret, reterr);
    if (variable && *variable)
        return load_list(variable, ret, reterr);
    if (!home || !*home)
        return 0;
    irsa_autofree char *usual = irsa_format("%s/.kube/config", home);
    return is_missing(usual) ? 0 : load_file(usual, ret, reterr);
}
