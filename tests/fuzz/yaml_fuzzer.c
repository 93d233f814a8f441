/* SPDX-License-Identifier: Apache-2.0 */
/* What the YAML reader takes is written and read back as the same; errors have their form. */
#include "irsa/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_written(const json_t *value)
{
    irsa_auto_error error = NULL;
    irsa_auto_documents again = {0};
    irsa_auto_buf written = {0};
    irsa_yaml_write(value, &written);
    if (irsa_yaml_read("out", written.data, written.len, &again, &error) != 0)
        abort();
    if (again.len != 1 || !json_equal(again.roots[0], value))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    irsa_auto_error error = NULL;
    irsa_auto_documents documents = {0};
    irsa_autofree char *text = irsa_calloc(size + 1, 1);
    if (size > 0)
        memcpy(text, data, size);
    if (irsa_yaml_read("in", text, size, &documents, &error) != 0) {
        if (!irsa_has_prefix(irsa_error_message(error), "in:"))
            abort();
        return 0;
    }
    for (size_t i = 0; i < documents.len; i++)
        check_written(documents.roots[i]);
    return 0;
}
