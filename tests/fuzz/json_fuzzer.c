/* SPDX-License-Identifier: Apache-2.0 */
/* What the JSON reader takes is written and read back as the same, and so it is through its frozen
 * form; errors have their form. */
#include "irsa/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    irsa_auto_error error = NULL;
    irsa_autofree char *text = irsa_calloc(size + 1, 1);
    if (size > 0)
        memcpy(text, data, size);
    json_auto_t *value = irsa_json_read("in", text, size, &error);
    if (!value) {
        if (!irsa_has_prefix(irsa_error_message(error), "in:"))
            abort();
        return 0;
    }
    irsa_auto_buf written = {0};
    irsa_json_write(value, &written);
    json_auto_t *again = irsa_json_read("out", written.data, written.len, &error);
    if (!again || !json_equal(value, again))
        abort();
    irsa_auto_buf frozen = {0};
    irsa_auto_buf thawed = {0};
    irsa_json_freeze(value, &frozen);
    json_auto_t *same = irsa_json_thaw(frozen.data);
    irsa_json_write(same, &thawed);
    if (thawed.len != written.len || memcmp(thawed.data, written.data, written.len) != 0)
        abort();
    return 0;
}
