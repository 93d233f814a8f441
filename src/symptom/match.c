/* SPDX-License-Identifier: Apache-2.0 */
#include "symptom/match.h"

#include "symptom/pattern.h"
#include "symptom/sanitize.h"

#define MESSAGE_MAX ((size_t)400) /* what is shown of a message */
#define OWN_MAX                                                                                    \
    ((size_t)2000) /* how far behind its beginning a message's values are looked for               \
                    */

void irsa_symptom_match_done(struct irsa_symptom_match *match)
{
    free(match->message);
    free(match->causes);
    irsa_symptom_values_done(&match->values);
    *match = (struct irsa_symptom_match){0};
}

void symptom_hits_done(struct symptom_hits *hits)
{
    for (size_t i = 0; i < hits->len; i++)
        symptom_found_done(&hits->items[i].found);
    hits->len = 0;
}

/* --- finding ---------------------------------------------------------------------------------- */

static uint64_t gates_in(const struct symptom_gate_index *index, const struct symptom_plain *plain)
{
    uint64_t gates = 0;
    const char *fold = irsa_buf_str(&plain->fold);
    for (size_t at = 0, gate = 0;
         (at = symptom_gate_find(index, fold, plain->fold.len, at, &gate)) != SIZE_MAX; at++) {
        /* One that begins with, or holds, another one is found in its place. */
        for (size_t i = 0; symptom_gates[i]; i++) {
            if (strncmp(fold + at, symptom_gates[i], strlen(symptom_gates[i])) == 0)
                gates |= (uint64_t)1 << i;
        }
    }
    return gates;
}

static bool is_meant(const struct symptom *symptom, const char *fold, size_t len)
{
    for (size_t i = 0; symptom->unless && symptom->unless[i]; i++) {
        if (memmem(fold, len, symptom->unless[i], strlen(symptom->unless[i])))
            return false;
    }
    return true;
}

/* What only says that it failed stands in nobody's way. */
static bool overlaps(const struct symptom_hits *hits, size_t start, size_t end)
{
    for (size_t i = 0; i < hits->len; i++) {
        if (start < hits->items[i].end && hits->items[i].start < end
            && !hits->items[i].symptom->consequence)
            return true;
    }
    return false;
}

/* The end of what may still belong to a message that begins at start. */
static size_t own_end(const struct symptom_plain *plain, size_t start)
{
    return plain->text.len - start > OWN_MAX ? start + OWN_MAX : plain->text.len;
}

static bool applies(const struct symptom *symptom, const struct symptom_plain *plain, size_t start)
{
    struct symptom_found found = {0};
    const size_t own = own_end(plain, start);
    symptom_found_read(plain, start, own, &found);
    const bool holds =
        symptom_holds(symptom->when, &found, irsa_buf_str(&plain->fold) + start, own - start);
    symptom_found_done(&found);
    return holds;
}

static void add_hit(struct symptom_hits *hits, const struct symptom *symptom, size_t start,
                    size_t end)
{
    const struct symptom_hit hit = {.symptom = symptom, .start = start, .end = end};
    size_t at = hits->len++;
    for (; at > 0 && hits->items[at - 1].start > start; at--)
        hits->items[at] = hits->items[at - 1];
    hits->items[at] = hit;
}

static void find_text(const struct symptom *symptom, const char *text,
                      const struct symptom_plain *plain, struct symptom_hits *hits)
{
    const char *fold = irsa_buf_str(&plain->fold);
    const size_t len = plain->fold.len;
    size_t start = 0, end = 0;
    for (size_t from = 0;
         hits->len < SYMPTOM_MAX_HITS && symptom_pattern_find(text, fold, len, from, &start, &end);
         from = end) {
        if (is_meant(symptom, fold, len) && !overlaps(hits, start, end)
            && applies(symptom, plain, start))
            add_hit(hits, symptom, start, end);
    }
}

/* A consequence gives way to a cause in the same message, and several become the first. */
static void drop_consequences(struct symptom_hits *hits)
{
    bool cause = false;
    for (size_t i = 0; i < hits->len; i++)
        cause = cause || !hits->items[i].symptom->consequence;
    size_t kept = 0;
    for (size_t i = 0; i < hits->len; i++) {
        if (!hits->items[i].symptom->consequence || (!cause && kept == 0))
            hits->items[kept++] = hits->items[i];
    }
    hits->len = kept;
}

/* What each names: in itself and behind it, then before it; not what its neighbours name. */
static void read_hits(const struct symptom_plain *plain, struct symptom_hits *hits)
{
    for (size_t i = 0; i < hits->len; i++) {
        struct symptom_hit *hit = &hits->items[i];
        const size_t before = i > 0 ? hits->items[i - 1].end : 0;
        size_t next = i + 1; /* SDKs say the same thing several times */
        while (next < hits->len && hits->items[next].symptom == hit->symptom)
            next++;
        size_t behind = next < hits->len ? hits->items[next].start : plain->text.len;
        if (behind > own_end(plain, hit->start))
            behind = own_end(plain, hit->start);
        symptom_found_read(plain, hit->start, behind, &hit->found);
        symptom_found_read(plain, before < hit->start ? before : hit->start, hit->start,
                           &hit->found);
    }
}

void symptom_index_make(struct symptom_index *ret)
{
    *ret = (struct symptom_index){0};
    symptom_gate_index_make(&ret->gates);
    for (size_t i = 0; symptom_tables[i]; i++) {
        for (const struct symptom *symptom = symptom_tables[i]; symptom->id; symptom++) {
            for (size_t text = 0; text < SYMPTOM_MAX_TEXTS && symptom->texts[text]; text++) {
                ret->texts = irsa_grow(ret->texts, ret->len, sizeof(*ret->texts));
                ret->texts[ret->len++] = (struct symptom_text){
                    symptom, symptom->texts[text], symptom_gate_of(symptom->texts[text])};
            }
        }
    }
}

void symptom_index_done(struct symptom_index *index)
{
    free(index->texts);
    index->texts = NULL;
}

void symptom_hits_find(const struct symptom_index *index, const struct symptom_plain *plain,
                       struct symptom_hits *ret)
{
    ret->len = 0;
    const uint64_t gates = gates_in(&index->gates, plain);
    for (size_t i = 0; gates && i < index->len; i++) {
        if (index->texts[i].gate < 64 && (gates >> index->texts[i].gate & 1))
            find_text(index->texts[i].symptom, index->texts[i].text, plain, ret);
    }
    drop_consequences(ret);
    read_hits(plain, ret);
}

/* --- what is said of it ----------------------------------------------------------------------- */

/* From its beginning to the end of the line, or of the JSON string, in which the pattern ends. */
static char *message_of(const struct symptom_hit *hit, const struct symptom_plain *plain)
{
    const char *text = irsa_buf_str(&plain->text);
    size_t end = hit->end;
    while (end < plain->text.len && text[end] != '\n'
           && (text[end] != '"' || (text[end + 1] && !strchr(",}\n]", text[end + 1]))))
        end++;
    const size_t len = end - hit->start;
    if (len <= MESSAGE_MAX)
        return symptom_sanitize(text + hit->start, len);
    /* Cut after it was made safe: half a secret is none of its forms. */
    irsa_autofree char *whole = symptom_sanitize(text + hit->start, len);
    size_t cut = strnlen(whole, MESSAGE_MAX);
    while (cut > 0 && ((unsigned char)whole[cut] & 0xc0) == 0x80)
        cut--;
    return irsa_format("%.*s...", (int)cut, whole);
}

static bool has_cause(const struct irsa_symptom_match *match, const char *code)
{
    for (size_t i = 0; i < match->cause_count; i++) {
        if (strcmp(match->causes[i].check->code, code) == 0)
            return true;
    }
    return false;
}

static void add_causes(const struct symptom_hit *hit, const struct symptom_plain *plain,
                       struct irsa_symptom_match *ret)
{
    const char *fold = irsa_buf_str(&plain->fold) + hit->start;
    const size_t len = plain->fold.len - hit->start;
    /* Those that this message speaks for by what it names come before those that hold always. */
    for (int telling = 1; telling >= 0; telling--) {
        for (size_t i = 0; i < SYMPTOM_MAX_CAUSES && hit->symptom->causes[i].code; i++) {
            const struct symptom_cause *cause = &hit->symptom->causes[i];
            if ((cause->when != WHEN_ALWAYS) != telling || has_cause(ret, cause->code)
                || !symptom_holds(cause->when, &hit->found, fold, len < OWN_MAX ? len : OWN_MAX))
                continue;
            ret->causes = irsa_grow(ret->causes, ret->cause_count, sizeof(*ret->causes));
            ret->causes[ret->cause_count++] = (struct irsa_symptom_cause){
                .check = irsa_check_find(cause->code), .reason = cause->reason};
        }
    }
}

void symptom_hit_match(struct symptom_hit *hit, const struct symptom_plain *plain,
                       struct irsa_symptom_match *ret)
{
    *ret = (struct irsa_symptom_match){
        .id = hit->symptom->id,
        .family = hit->symptom->family,
        .title = hit->symptom->title,
        .message = message_of(hit, plain),
        .count = 1,
    };
    add_causes(hit, plain, ret);
    ret->values = hit->found.values;
    hit->found.values = (struct irsa_symptom_values){0};
}

bool irsa_symptom_of_refusal(const char *error_code, const char *message,
                             struct irsa_symptom_match *ret)
{
    *ret = (struct irsa_symptom_match){0};
    /* The form in which the AWS CLI prints it. */
    irsa_autofree char *line = irsa_format(
        "An error occurred (%s) when calling the AssumeRoleWithWebIdentity operation: %s",
        error_code, message);
    struct symptom_plain plain = {0};
    symptom_plain_make(line, strlen(line), false, &plain);
    struct symptom_index *index = irsa_calloc(1, sizeof(*index));
    symptom_index_make(index);
    struct symptom_hits *hits = irsa_calloc(1, sizeof(*hits));
    symptom_hits_find(index, &plain, hits);
    bool known = false;
    for (size_t i = 0; i < hits->len && !known; i++) {
        known = hits->items[i].symptom->family == IRSA_SYMPTOM_STS
                && !hits->items[i].symptom->consequence;
        if (known)
            symptom_hit_match(&hits->items[i], &plain, ret);
    }
    symptom_hits_done(hits);
    free(hits);
    symptom_index_done(index);
    free(index);
    symptom_plain_done(&plain);
    return known;
}
