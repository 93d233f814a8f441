/* SPDX-License-Identifier: Apache-2.0 */
/* Placeholders in any template: what comes out is an object, and errors name file and line. */
#include "document/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    irsa_auto_error error = NULL;
    irsa_autofree char *text = irsa_calloc(size + 1, 1);
    if (size > 0)
        memcpy(text, data, size);
    struct irsa_template item = {
        .name = "t.yaml", .origin = (char *)"t.yaml", .text = text, .len = size};
    const struct irsa_templates templates = {.items = &item, .len = 1};
    json_auto_t *variables = json_pack("{s:s, s:s, s:s}", "issuer", "oidc.example/id/1",
                                       "namespace", "\"},{\"", "audience", "");
    json_auto_t *value = irsa_template_expand(&templates, "t.yaml", variables, &error);
    if (value ? !json_is_object(value) : !irsa_has_prefix(irsa_error_message(error), "t.yaml:"))
        abort();
    return 0;
}
