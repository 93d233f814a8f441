/* SPDX-License-Identifier: Apache-2.0 */
/* https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
 */
#include "irsa/kube.h"

#include "irsa/document.h"

#define PAGE 500
#define MAX_STARTS 4

static char *page_path(const char *path, const char *next)
{
    irsa_auto_buf text = {0};
    irsa_buf_addf(&text, "%s%climit=%d", path, strchr(path, '?') ? '&' : '?', PAGE);
    if (next) {
        irsa_buf_adds(&text, "&continue=");
        irsa_url_encode(next, strlen(next), &text);
    }
    return irsa_buf_steal(&text);
}

/* 1: all pages were taken; 0: the list has to be read from its beginning; -1: failed. */
static int read_pages(struct irsa_kube *kube, struct irsa_kube_call *call, const char *path,
                      int (*take)(void *context, const json_t *page, struct irsa_error **reterr),
                      void *context, struct irsa_error **reterr)
{
    irsa_autofree char *next = NULL;
    for (;;) {
        irsa_autofree char *now = page_path(path, next);
        call->path = now;
        irsa_kube_run(kube, &call, 1);
        call->path = NULL;
        if (call->error && call->status == 410 && next) {
            irsa_error_free(irsa_steal(&call->error));
            return 0;
        }
        if (call->error) {
            *reterr = irsa_steal(&call->error);
            return -1;
        }
        if (take(context, call->answer, reterr) != 0)
            return -1;
        const char *token = irsa_json_string(call->answer, "metadata", "continue", NULL);
        free(next);
        next = token && *token ? irsa_strdup(token) : NULL;
        if (!next)
            return 1;
    }
}

int irsa_kube_list(struct irsa_kube *kube, const char *resource, const char *path,
                   const char *accept,
                   int (*take)(void *context, const json_t *page, struct irsa_error **reterr),
                   void *context, struct irsa_error **reterr)
{
    struct irsa_kube_call call = {
        .verb = "list", .resource = resource, .method = "GET", .accept = accept};
    int result = 0;
    for (int start = 0; start < MAX_STARTS && result == 0; start++) {
        if (start > 0 && take(context, NULL, reterr) != 0)
            result = -1;
        else
            result = read_pages(kube, &call, path, take, context, reterr);
    }
    irsa_kube_call_done(&call);
    if (result == 0)
        return irsa_fail(reterr, IRSA_E_NET,
                         "list %s: the list expired (410 Gone) before its last page, %d times",
                         resource, MAX_STARTS);
    return result < 0 ? -1 : 0;
}
