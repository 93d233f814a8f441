/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of the AWS SDKs' shared files. What must hold: every setting is found under its key, a
 * text that is given is part of the file, and a message repeats no value of it. */
#include "aws/profile.h"
#include "aws/shell_words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_entry(const struct irsa_aws_ini *ini, const struct irsa_aws_section *section,
                        const struct irsa_aws_entry *entry, const char *text, size_t len)
{
    irsa_auto_error error = NULL;
    const char *value = NULL;
    if (irsa_aws_section_entry(ini, section, entry->key) != entry)
        abort();
    if (irsa_aws_entry_text(entry, ini->path, &value, &error) != 0)
        return;
    if (value && !memmem(text, len, value, strlen(value)))
        abort();
}

static void check_profiles(const struct irsa_aws_files *files)
{
    irsa_auto_error error = NULL;
    struct irsa_aws_profile profile;
    for (size_t i = 0; i < files->names.len; i++) {
        const char *region = NULL;
        irsa_auto_error ignored = NULL;
        if (!irsa_aws_profile_find(files, files->names.items[i], &profile))
            abort();
        (void)irsa_aws_profile_get(&profile, "region", &region, &ignored);
    }
    if (!irsa_aws_profile_find(files, "\x01", &profile)
        && irsa_aws_profile_missing(files, "\x01", &error) != -1)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    irsa_auto_error error = NULL;
    irsa_auto_aws_files files = {0};
    struct irsa_buf text = {0};
    irsa_buf_add(&text, data, size);
    irsa_auto_strings words = {0};
    (void)irsa_shell_words(irsa_buf_str(&text), &words);
    if (irsa_aws_files_parse("config", &text, "credentials", &text, &files, &error) == 0) {
        for (size_t s = 0; s < files.config.len; s++) {
            const struct irsa_aws_section *section = &files.config.sections[s];
            for (size_t i = 0; i < section->len; i++)
                check_entry(&files.config, section, &section->entries[i], irsa_buf_str(&text),
                            text.len);
        }
        check_profiles(&files);
    } else if (!irsa_has_prefix(irsa_error_message(error), "config:")) {
        abort();
    }
    irsa_buf_done(&text);
    return 0;
}
