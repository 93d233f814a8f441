/* SPDX-License-Identifier: Apache-2.0 */
/* Any log is read without harm; no place at which it is cut changes what it says; what is said is
 * text that steers no terminal. */
#include "irsa/document.h"
#include "irsa/symptom.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static json_t *read_log(const char *text, size_t len, size_t piece)
{
    irsa_auto_symptoms symptoms = irsa_symptoms_new();
    for (size_t at = 0; at < len; at += piece)
        irsa_symptoms_feed(symptoms, text + at, len - at < piece ? len - at : piece);
    irsa_symptoms_end(symptoms);
    for (size_t i = 0; i < irsa_symptoms_count(symptoms); i++) {
        const struct irsa_symptom_match *match = irsa_symptoms_at(symptoms, i);
        if (match->cause_count == 0 || match->first_line > match->last_line
            || match->last_line > irsa_symptoms_lines(symptoms))
            abort();
        for (const char *at = match->message; *at; at++) {
            if ((unsigned char)*at < 0x20 || *at == 0x7f)
                abort();
        }
        irsa_autofree char *command = irsa_symptom_command(match);
        if (strpbrk(command, ";&|$`'\"\\<>()*?#~ \n") != strchr(command, ' '))
            abort();
    }
    return irsa_symptoms_json(symptoms, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    irsa_autofree char *text = irsa_calloc(size + 1, 1);
    if (size > 0)
        memcpy(text, data, size);
    json_auto_t *whole = read_log(text, size, size + 1);
    json_auto_t *pieces = read_log(text, size, 7);
    if (!json_equal(whole, pieces))
        abort();
    /* jansson takes no text that is no UTF-8: what is shown is, or it is null. */
    irsa_auto_buf written = {0};
    irsa_json_write(whole, &written);
    if (strstr(irsa_buf_str(&written), "\"message\": null"))
        abort();
    struct irsa_symptom_match match;
    (void)irsa_symptom_of_refusal("InvalidIdentityToken", text, &match);
    irsa_symptom_match_done(&match);
    return 0;
}
