/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/symptom.h"
#include "symptom/match.h"

/* What came in is searched for gates; around each one the message is taken and looked at. What lies
 * behind is let go, but for as much as a message may begin before its gate. */
struct irsa_symptoms {
    struct symptom_index index;
    struct irsa_buf window;
    size_t searched;   /* in the window: no gate begins before it but those that were looked at */
    size_t taken;      /* ... the end of the last message that was looked at */
    size_t first_line; /* of the window, from 1 */
    bool line_open;    /* the last byte was no line end */
    size_t lines;
    struct irsa_map known; /* what makes matches the same -> place */
    struct irsa_symptom_match *matches;
    size_t len;
    bool *consequences; /* one a match */
    size_t left_out;
    struct symptom_hits hits;
};

struct irsa_symptoms *irsa_symptoms_new(void)
{
    struct irsa_symptoms *symptoms = irsa_calloc(1, sizeof(*symptoms));
    symptom_index_make(&symptoms->index);
    symptoms->first_line = 1;
    return symptoms;
}

void irsa_symptoms_free(struct irsa_symptoms *symptoms)
{
    if (!symptoms)
        return;
    for (size_t i = 0; i < symptoms->len; i++)
        irsa_symptom_match_done(&symptoms->matches[i]);
    free(symptoms->matches);
    free(symptoms->consequences);
    irsa_map_done(&symptoms->known);
    irsa_buf_done(&symptoms->window);
    symptom_index_done(&symptoms->index);
    free(symptoms);
}

/* --- lines ------------------------------------------------------------------------------------ */

/* Line ends, eight bytes at once: a long log consists of them. */
static size_t count_lines(const char *data, size_t len)
{
    const uint64_t ones = 0x0101010101010101u, low = 0x7f7f7f7f7f7f7f7fu;
    size_t count = 0, at = 0;
    for (; at + 8 <= len; at += 8) {
        uint64_t word;
        memcpy(&word, data + at, sizeof(word));
        word ^= ones * '\n';
        /* The high bit of each byte is clear just where the byte is zero. */
        const uint64_t others = (((word & low) + low) | word) & ~low;
        count += 8 - (size_t)__builtin_popcountll(others);
    }
    for (; at < len; at++)
        count += data[at] == '\n';
    return count;
}

/* --- matches ---------------------------------------------------------------------------------- */

static char *key_of(const struct irsa_symptom_match *match)
{
    const struct irsa_symptom_values *values = &match->values;
    const char *const parts[] = {values->role,    values->account,    values->issuer,
                                 values->action,  values->namespace_, values->service_account,
                                 values->provider};
    irsa_auto_buf key = {0};
    irsa_buf_adds(&key, match->id);
    for (size_t i = 0; i < IRSA_COUNT(parts); i++)
        irsa_buf_addf(&key, "\n%s", parts[i] ? parts[i] : "");
    return irsa_buf_steal(&key);
}

static void keep(struct irsa_symptoms *symptoms, struct irsa_symptom_match *match, bool consequence)
{
    irsa_autofree char *key = key_of(match);
    const size_t at = irsa_map_get(&symptoms->known, key);
    if (at != IRSA_MAP_NONE) {
        /* SDKs say the same thing several times in one line. */
        symptoms->matches[at].count += symptoms->matches[at].last_line != match->last_line;
        symptoms->matches[at].last_line = match->last_line;
        irsa_symptom_match_done(match);
        return;
    }
    if (symptoms->len >= IRSA_SYMPTOM_MAX_MATCHES) {
        symptoms->left_out++;
        irsa_symptom_match_done(match);
        return;
    }
    (void)irsa_map_put(&symptoms->known, key, symptoms->len);
    symptoms->matches = irsa_grow(symptoms->matches, symptoms->len, sizeof(*match));
    symptoms->consequences =
        irsa_grow(symptoms->consequences, symptoms->len, sizeof(*symptoms->consequences));
    symptoms->consequences[symptoms->len] = consequence;
    symptoms->matches[symptoms->len++] = *match;
}

/* The line of the message's line that the hit stands in: lines that end in the plain text before it
 * are those of the log, unless they were escaped there. */
static size_t line_of(const char *data, size_t len, const struct symptom_plain *plain, size_t start)
{
    size_t ends = 0;
    for (size_t i = 0; i < start; i++)
        ends += plain->text.data[i] == '\n';
    const size_t all = count_lines(data, len);
    return ends < all ? ends : all;
}

static void look_at(struct irsa_symptoms *symptoms, size_t start, size_t end)
{
    const char *data = symptoms->window.data + start;
    const size_t first = symptoms->first_line + count_lines(symptoms->window.data, start);
    for (int join = 0; join <= 1; join++) {
        struct symptom_plain plain = {0};
        symptom_plain_make(data, end - start, join == 1, &plain);
        symptom_hits_find(&symptoms->index, &plain, &symptoms->hits);
        const bool found = symptoms->hits.len > 0;
        for (size_t i = 0; i < symptoms->hits.len; i++) {
            struct symptom_hit *hit = &symptoms->hits.items[i];
            const bool consequence = hit->symptom->consequence;
            struct irsa_symptom_match match = {0};
            symptom_hit_match(hit, &plain, &match);
            match.first_line = first + line_of(data, end - start, &plain, hit->start);
            match.last_line = match.first_line;
            keep(symptoms, &match, consequence);
        }
        symptom_hits_done(&symptoms->hits);
        symptom_plain_done(&plain);
        /* A word may have been broken at the end of a terminal's line. */
        if (found || !memchr(data, '\n', end - start))
            return;
    }
}

/* --- the window ------------------------------------------------------------------------------- */

static void let_go(struct irsa_symptoms *symptoms, size_t keep_from)
{
    struct irsa_buf *window = &symptoms->window;
    symptoms->first_line += count_lines(window->data, keep_from);
    memmove(window->data, window->data + keep_from, window->len - keep_from);
    window->len -= keep_from;
    window->data[window->len] = '\0';
    symptoms->searched -= keep_from;
    symptoms->taken -= symptoms->taken < keep_from ? symptoms->taken : keep_from;
}

static void search(struct irsa_symptoms *symptoms, bool more_may_come)
{
    struct irsa_buf *window = &symptoms->window;
    for (;;) {
        size_t gate = 0, start = 0, end = 0;
        const size_t at = symptom_gate_find(&symptoms->index.gates, irsa_buf_str(window),
                                            window->len, symptoms->searched, &gate);
        if (at == SIZE_MAX)
            break;
        if (!symptom_record_around(window->data, window->len, at, more_may_come, &start, &end)) {
            symptoms->searched = at;
            return;
        }
        /* What was looked at already belongs to the message before. */
        look_at(symptoms, start < symptoms->taken ? symptoms->taken : start, end);
        symptoms->searched = symptoms->taken = end;
    }
    const size_t longest = 64; /* a gate may be cut by the window's end */
    if (window->len > longest && window->len - longest > symptoms->searched)
        symptoms->searched = window->len - longest;
}

void irsa_symptoms_feed(struct irsa_symptoms *symptoms, const char *data, size_t len)
{
    const size_t piece = (size_t)1 << 18;
    for (size_t at = 0; at < len; at += piece) {
        const size_t part = len - at < piece ? len - at : piece;
        irsa_buf_add(&symptoms->window, data + at, part);
        search(symptoms, true);
        if (symptoms->searched > SYMPTOM_RECORD_BEFORE)
            let_go(symptoms, symptoms->searched - SYMPTOM_RECORD_BEFORE);
    }
    if (len > 0)
        symptoms->line_open = data[len - 1] != '\n';
}

static bool comes_before(const struct irsa_symptoms *symptoms, size_t a, size_t b)
{
    if (symptoms->consequences[a] != symptoms->consequences[b])
        return symptoms->consequences[b];
    return symptoms->matches[a].first_line < symptoms->matches[b].first_line;
}

static void swap(struct irsa_symptoms *symptoms, size_t a, size_t b)
{
    const struct irsa_symptom_match match = symptoms->matches[a];
    symptoms->matches[a] = symptoms->matches[b];
    symptoms->matches[b] = match;
    const bool consequence = symptoms->consequences[a];
    symptoms->consequences[a] = symptoms->consequences[b];
    symptoms->consequences[b] = consequence;
}

void irsa_symptoms_end(struct irsa_symptoms *symptoms)
{
    if (symptoms->window.len > 0) {
        search(symptoms, false);
        symptoms->first_line += count_lines(symptoms->window.data, symptoms->window.len);
    }
    symptoms->lines = symptoms->first_line - 1 + (symptoms->line_open ? 1 : 0);
    irsa_buf_done(&symptoms->window);
    for (size_t i = 1; i < symptoms->len; i++) {
        for (size_t at = i; at > 0 && comes_before(symptoms, at, at - 1); at--)
            swap(symptoms, at, at - 1);
    }
}

size_t irsa_symptoms_count(const struct irsa_symptoms *symptoms)
{
    return symptoms->len;
}

const struct irsa_symptom_match *irsa_symptoms_at(const struct irsa_symptoms *symptoms, size_t at)
{
    return &symptoms->matches[at];
}

size_t irsa_symptoms_lines(const struct irsa_symptoms *symptoms)
{
    return symptoms->lines;
}

size_t irsa_symptoms_left_out(const struct irsa_symptoms *symptoms)
{
    return symptoms->left_out;
}
