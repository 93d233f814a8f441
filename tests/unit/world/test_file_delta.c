/* SPDX-License-Identifier: Apache-2.0 */
/* What brings a file back: exact for any bytes, and holding only what changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "irsa/document.h"
#include "irsa/world.h"

static unsigned below(uint64_t *state, unsigned limit)
{
    /* xorshift64* (Marsaglia 2003, Vigna 2016) */
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (unsigned)((*state * UINT64_C(2685821657736338717)) >> 33) % limit;
}

static struct irsa_buf buf_of(const char *text)
{
    struct irsa_buf buf = {0};
    irsa_buf_adds(&buf, text);
    return buf;
}

static bool comes_back(const struct irsa_buf *before, const struct irsa_buf *after)
{
    irsa_auto_error error = NULL;
    irsa_auto_buf found = {0};
    /* As it goes through a journal. */
    json_auto_t *delta = irsa_file_delta("a.json", before, after, 0640);
    irsa_auto_buf line = {0};
    irsa_json_write_compact(delta, &line);
    json_auto_t *read = irsa_json_read("line", irsa_buf_str(&line), line.len, &error);
    if (!read)
        return false;
    if (irsa_file_delta_apply(read, after ? irsa_buf_str(after) : "", after ? after->len : 0,
                              &found, &error)
        != 0)
        return false;
    return found.len == before->len
           && memcmp(irsa_buf_str(&found), irsa_buf_str(before), found.len) == 0;
}

/* Bytes that make lines, parts, repetitions and bad UTF-8 likely. */
static void add_random(uint64_t *state, struct irsa_buf *buf, unsigned len)
{
    static const char alphabet[] = "ab,{}[]\n\r \"";
    for (unsigned i = 0; i < len; i++) {
        unsigned one = below(state, 40);
        irsa_buf_addc(buf, one < sizeof(alphabet) - 1 ? alphabet[one]
                           : one == 38                ? (char)below(state, 256)
                                                      : 'x');
    }
}

/* The text with some runs of it replaced. */
static void mutate(uint64_t *state, const struct irsa_buf *from, struct irsa_buf *ret)
{
    irsa_buf_add(ret, irsa_buf_str(from), from->len);
    for (unsigned i = below(state, 6); i > 0; i--) {
        size_t at = below(state, (unsigned)ret->len + 1);
        size_t len = below(state, 12);
        irsa_auto_buf other = {0};
        add_random(state, &other, below(state, 12));
        len = len > ret->len - at ? ret->len - at : len;
        irsa_buf_splice(ret, at, len, irsa_buf_str(&other), other.len);
    }
}

static void test_delta__brings_any_bytes_back(void **test)
{
    (void)test;
    uint64_t state = 0x2545F4914F6CDD1DU;
    for (int i = 0; i < 20000; i++) {
        irsa_auto_buf before = {0};
        irsa_auto_buf after = {0};
        add_random(&state, &before, below(&state, 200));
        if (i % 5 == 0)
            add_random(&state, &after, below(&state, 200));
        else
            mutate(&state, &before, &after);
        if (!comes_back(&before, &after))
            fail_msg("pair %d does not come back", i);
        if (!comes_back(&before, NULL))
            fail_msg("removed file %d does not come back", i);
    }
}

static void test_delta__holds_only_what_changed(void **test)
{
    (void)test;
    irsa_auto_buf before =
        buf_of("{\"a\":[{\"kind\":\"Secret\",\"data\":{\"k\":\"cGxhbnRlZA==\"}},{\"kind\":"
               "\"ServiceAccount\",\"name\":\"old\"},{\"data\":{\"k\":\"YWxzbw==\"}}],\"n\":1}\n");
    irsa_auto_buf after =
        buf_of("{\"a\":[{\"kind\":\"Secret\",\"data\":{\"k\":\"cGxhbnRlZA==\"}},{\"kind\":"
               "\"ServiceAccount\",\"name\":\"new\"},{\"data\":{\"k\":\"YWxzbw==\"}}],\"n\":22}\n");
    json_auto_t *delta = irsa_file_delta("all.json", &before, &after, 0600);
    irsa_autofree char *text = json_dumps(delta, 0);
    assert_null(strstr(text, "cGxhbnRlZA"));
    assert_null(strstr(text, "YWxzbw"));
    assert_int_equal(json_array_size(json_object_get(delta, "hunks")), 2);
    assert_true(comes_back(&before, &after));
}

/* Ten thousand edits, far apart, in a large file: no more than them, and in time. */
static void test_delta__many_edits(void **test)
{
    (void)test;
    irsa_auto_buf before = {0};
    irsa_auto_buf after = {0};
    for (unsigned i = 0; i < 10000; i++) {
        for (unsigned line = 0; line < 30; line++)
            irsa_buf_addf(&before, "  \"key%u\": \"value %u\",\n", line, i);
        irsa_buf_addf(&before, "  \"arn\": \"old\",\n");
    }
    for (unsigned i = 0; i < 10000; i++) {
        for (unsigned line = 0; line < 30; line++)
            irsa_buf_addf(&after, "  \"key%u\": \"value %u\",\n", line, i);
        irsa_buf_addf(&after, "  \"arn\": [\n    \"new\"\n  ],\n");
    }
    json_auto_t *delta = irsa_file_delta("all.json", &before, &after, 0600);
    assert_int_equal(json_array_size(json_object_get(delta, "hunks")), 10000);
    assert_true(comes_back(&before, &after));
}

static void test_delta__tells_what_happened(void **test)
{
    (void)test;
    irsa_auto_buf text = buf_of("x\n");
    json_auto_t *made = irsa_file_delta("a.json", NULL, &text, 0);
    json_auto_t *gone = irsa_file_delta("a.json", &text, NULL, 0644);
    assert_true(json_is_false(json_object_get(made, "existed")));
    assert_true(json_is_null(json_object_get(made, "before_sha256")));
    assert_true(json_is_true(json_object_get(gone, "removed")));
    assert_string_equal(irsa_json_string(gone, "mode", NULL), "0644");
    assert_true(json_is_null(json_object_get(gone, "after_sha256")));
}

static enum irsa_error_kind refused(const json_t *delta, const char *after)
{
    irsa_auto_error error = NULL;
    irsa_auto_buf found = {0};
    assert_int_equal(irsa_file_delta_apply(delta, after, strlen(after), &found, &error), -1);
    assert_null(found.data);
    return irsa_error_kind(error);
}

static void test_delta__refuses_what_does_not_fit(void **test)
{
    (void)test;
    irsa_auto_buf before = buf_of("one\ntwo\n");
    irsa_auto_buf after = buf_of("one\nthree\n");
    json_auto_t *delta = irsa_file_delta("a.json", &before, &after, 0644);
    json_auto_t *made = irsa_file_delta("a.json", NULL, &after, 0);
    json_auto_t *empty = json_object();
    assert_int_equal(refused(delta, "one\nfour\n"), IRSA_E_CONFLICT);
    assert_int_equal(refused(made, "one\nthree\n"), IRSA_E_PARSE);
    assert_int_equal(refused(empty, ""), IRSA_E_PARSE);
    json_t *hunk = json_array_get(json_object_get(delta, "hunks"), 0);
    json_object_set_new(hunk, "length", json_integer(1000));
    assert_int_equal(refused(delta, "one\nthree\n"), IRSA_E_PARSE);
    json_object_set_new(hunk, "length", json_integer(0));
    assert_int_equal(refused(delta, "one\nthree\n"), IRSA_E_CONFLICT);
    json_object_del(hunk, "insert");
    json_object_set_new(hunk, "insert_hex", json_string("0g"));
    assert_int_equal(refused(delta, "one\nthree\n"), IRSA_E_PARSE);
    json_object_set_new(hunk, "insert_hex", json_string("0"));
    assert_int_equal(refused(delta, "one\nthree\n"), IRSA_E_PARSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delta__brings_any_bytes_back),
        cmocka_unit_test(test_delta__holds_only_what_changed),
        cmocka_unit_test(test_delta__many_edits),
        cmocka_unit_test(test_delta__tells_what_happened),
        cmocka_unit_test(test_delta__refuses_what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
