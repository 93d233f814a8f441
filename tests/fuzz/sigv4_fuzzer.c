/* SPDX-License-Identifier: Apache-2.0 */
/* Any URL is signed or refused; a canonical path is canonical, and signing twice gives the same. */
#include "aws/sigv4.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_path(const char *path)
{
    irsa_autofree char *canonical = irsa_sigv4_canonical_path(path, false);
    if (canonical[0] != '/' || strstr(canonical, "//") || strstr(canonical, "/../")
        || strstr(canonical, "/./"))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    irsa_auto_error error = NULL;
    irsa_autofree char *text = irsa_calloc(size + 1, 1);
    if (size > 0)
        memcpy(text, data, size);
    check_path(text);
    irsa_auto_secret secret = {0};
    irsa_secret_set(&secret, "key", 3);
    const struct irsa_sigv4_keys keys = {&secret, &secret, &secret};
    const struct irsa_sigv4_options options = {.service = "eks", .region = "eu-west-1"};
    struct irsa_http_request request = {.method = "GET", .url = text};
    irsa_auto_sigv4_stages first = {0};
    irsa_auto_sigv4_stages again = {0};
    irsa_auto_secret url = {0};
    if (irsa_sigv4_sign(&request, &keys, &options, &first, &error) == 0
        && (irsa_sigv4_sign(&request, &keys, &options, &again, &error) != 0
            || strcmp(first.signature, again.signature) != 0))
        abort();
    irsa_http_request_done(&request);
    const struct irsa_http_request plain = {.method = "GET", .url = text};
    irsa_auto_error refused = NULL;
    const int presigned = irsa_sigv4_presign(&plain, &keys, &options, &url, NULL, &refused);
    if ((presigned == 0) != (first.scope != NULL))
        abort();
    return 0;
}
