/* SPDX-License-Identifier: Apache-2.0 */
/* An answer of the Query protocol is a result, an error with a code, or refused with a reason; what
 * was read can be written as JSON. */
#include "aws/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    irsa_auto_error error = NULL;
    irsa_auto_aws_answer answer = {0};
    irsa_autofree char *text = irsa_calloc(size + 1, 1);
    if (size > 0)
        memcpy(text, data, size);
    if (irsa_aws_answer_read("in", "GetRole", text, size, &answer, &error) != 0) {
        if (!irsa_has_prefix(irsa_error_message(error), "in: ") || answer.result || answer.code)
            abort();
        return 0;
    }
    if ((answer.result != NULL) == (answer.code != NULL))
        abort();
    if (answer.result) {
        irsa_auto_buf written = {0};
        irsa_json_write(answer.result, &written);
        json_auto_t *again = irsa_json_read("out", written.data, written.len, &error);
        if (!again || !json_equal(again, answer.result))
            abort();
    }
    return 0;
}
