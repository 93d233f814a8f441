/* SPDX-License-Identifier: Apache-2.0 */
/* Reads one case's log: see README.md here. */
#include "irsa/document.h"
#include "irsa/symptom.h"

static char *path_in(const char *folder, const char *name)
{
    return irsa_format("%s/%s", folder, name);
}

static int stop(const char *message)
{
    (void)fprintf(stderr, "%s\n", message);
    exit(1);
}

static void read_text(const char *folder, const char *name, struct irsa_buf *ret)
{
    irsa_autofree char *path = path_in(folder, name);
    irsa_auto_error error = NULL;
    if (irsa_file_read(path, 1 << 20, ret, &error) != 0)
        stop(irsa_error_message(error));
}

/* Fed in pieces of `piece` bytes, so that no place of a cut changes the answer. */
static json_t *read_log(const struct irsa_buf *log, size_t piece)
{
    irsa_auto_symptoms symptoms = irsa_symptoms_new();
    for (size_t at = 0; at < log->len; at += piece)
        irsa_symptoms_feed(symptoms, log->data + at, log->len - at < piece ? log->len - at : piece);
    irsa_symptoms_end(symptoms);
    json_t *json = irsa_symptoms_json(symptoms, NULL);
    /* What every case has alike, and what is worded freely, is left out. */
    (void)json_object_del(json, "format_version");
    (void)json_object_del(json, "source");
    (void)json_object_del(json, "lines");
    (void)json_object_del(json, "left_out");
    (void)json_object_del(json, "outcome");
    size_t at;
    json_t *match;
    json_array_foreach(json_object_get(json, "matches"), at, match)
    {
        json_t *codes = json_array();
        size_t i;
        json_t *cause;
        json_array_foreach(json_object_get(match, "causes"), i, cause)(void)
            json_array_append(codes, json_object_get(cause, "code"));
        (void)json_object_del(match, "causes");
        (void)json_object_del(match, "title");
        (void)json_object_set_new(match, "codes", codes);
    }
    return json;
}

static void check_source(const char *folder)
{
    irsa_auto_buf source = {0};
    read_text(folder, "source", &source);
    if (!irsa_has_prefix(irsa_buf_str(&source), "https://")
        && !irsa_has_prefix(irsa_buf_str(&source), "made up: "))
        stop("source: an address, or \"made up: \" and why");
}

static void write_expected(const char *folder, const json_t *json)
{
    irsa_auto_buf text = {0};
    irsa_auto_error error = NULL;
    irsa_autofree char *path = path_in(folder, "expected.json");
    irsa_json_write(json, &text);
    if (irsa_file_replace(path, text.data, text.len, 0644, &error) != 0)
        stop(irsa_error_message(error));
}

int main(int argc, char **argv)
{
    const bool bless = argc == 3 && strcmp(argv[1], "--bless") == 0;
    if (argc != 2 && !bless)
        return stop("usage: suite_symptom [--bless] FOLDER");
    const char *folder = argv[argc - 1];
    irsa_auto_buf log = {0}, text = {0};
    read_text(folder, "log.txt", &log);
    json_auto_t *whole = read_log(&log, log.len + 1);
    json_auto_t *bytes = read_log(&log, 1);
    if (!json_equal(whole, bytes))
        return stop("fed byte by byte the log says something else");
    check_source(folder);
    if (bless) {
        write_expected(folder, whole);
        return 0;
    }
    read_text(folder, "expected.json", &text);
    irsa_auto_error error = NULL;
    json_auto_t *expected = irsa_json_read("expected.json", text.data, text.len, &error);
    if (!expected)
        return stop(irsa_error_message(error));
    if (json_equal(expected, whole))
        return 0;
    irsa_auto_buf found = {0};
    irsa_json_write(whole, &found);
    (void)fprintf(stderr, "found:\n%sexpected:\n%s", found.data, text.data);
    return 1;
}
