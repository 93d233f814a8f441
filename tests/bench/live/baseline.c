/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plan of a live world costs at least: the same requests, with the same headers, by libcurl
 * alone, in the same rounds.
 *
 *     bench_live replay FILE            FILE has lines: R ROUND METHOD URL, H HEADER, B HEX, E;
 *                                       BENCH_CA names the CA for https
 *     bench_live serve FILE MS          answers after MS milliseconds (answers.h)
 *     bench_live measure PROGRAM...     runs PROGRAM, prints "microseconds kilobytes status" on
 * stderr
 */
#include "answers.h"

#include <curl/curl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_REQUESTS 4096

struct request {
    long round;
    CURL *easy;
    struct curl_slist *headers;
    char *body;
};

static struct request requests[MAX_REQUESTS];
static size_t count, bytes;

static size_t swallow(char *data, size_t size, size_t n, void *context)
{
    (void)data;
    (void)context;
    bytes += size * n;
    return size * n;
}

static void begin_request(char *line)
{
    char *rest = NULL;
    struct request *request = &requests[count++];
    (void)strtok_r(line, " ", &rest);
    request->round = strtol(strtok_r(NULL, " ", &rest), NULL, 10);
    const char *method = strtok_r(NULL, " ", &rest);
    request->easy = curl_easy_init();
    curl_easy_setopt(request->easy, CURLOPT_URL, strtok_r(NULL, " ", &rest));
    curl_easy_setopt(request->easy, CURLOPT_WRITEFUNCTION, swallow);
    curl_easy_setopt(request->easy, CURLOPT_CUSTOMREQUEST, method);
    if (getenv("BENCH_CA"))
        curl_easy_setopt(request->easy, CURLOPT_CAINFO, getenv("BENCH_CA"));
}

static int digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void set_body(struct request *request, const char *hex)
{
    size_t size = strlen(hex) / 2;
    request->body = calloc(1, size + 1);
    for (size_t i = 0; request->body && i < size; i++)
        request->body[i] = (char)(digit(hex[2 * i]) * 16 + digit(hex[2 * i + 1]));
    curl_easy_setopt(request->easy, CURLOPT_POSTFIELDSIZE, (long)size);
    curl_easy_setopt(request->easy, CURLOPT_POSTFIELDS, request->body);
}

static int read_requests(const char *name)
{
    FILE *file = fopen(name, "r");
    char *line = NULL;
    size_t room = 0;
    if (!file)
        return -1;
    while (getline(&line, &room, file) > 0) {
        struct request *request = &requests[count > 0 ? count - 1 : 0];
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == 'R' && count < MAX_REQUESTS)
            begin_request(line);
        else if (line[0] == 'H')
            request->headers = curl_slist_append(request->headers, line + 2);
        else if (line[0] == 'B')
            set_body(request, line + 2);
        else
            curl_easy_setopt(request->easy, CURLOPT_HTTPHEADER, request->headers);
    }
    free(line);
    (void)fclose(file);
    return 0;
}

static void run_round(CURLM *multi, long round)
{
    int running = 0;
    for (size_t i = 0; i < count; i++) {
        if (requests[i].round == round)
            curl_multi_add_handle(multi, requests[i].easy);
    }
    do {
        curl_multi_perform(multi, &running);
        if (running > 0)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    } while (running > 0);
}

static int replay(const char *name)
{
    long last = 0;
    curl_global_init(CURL_GLOBAL_ALL);
    if (read_requests(name) != 0)
        return 1;
    for (size_t i = 0; i < count; i++)
        last = requests[i].round > last ? requests[i].round : last;
    CURLM *multi = curl_multi_init();
    for (long round = 1; round <= last; round++)
        run_round(multi, round);
    for (size_t i = 0; i < count; i++) {
        long status = 0;
        curl_easy_getinfo(requests[i].easy, CURLINFO_RESPONSE_CODE, &status);
        if (status != 200)
            return 1;
    }
    printf("%zu requests, %zu bytes\n", count, bytes);
    return 0;
}

static int measure(char **argv)
{
    struct timespec begin = {0}, end = {0};
    struct rusage usage = {0};
    int status = 0;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[0], argv);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child)
        return 1;
    clock_gettime(CLOCK_MONOTONIC, &end);
    int64_t spent =
        (int64_t)(end.tv_sec - begin.tv_sec) * 1000000 + (end.tv_nsec - begin.tv_nsec) / 1000;
    (void)fprintf(stderr, "%lld %ld %d\n", (long long)spent, usage.ru_maxrss,
                  WIFEXITED(status) ? WEXITSTATUS(status) : 255);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "replay") == 0)
        return replay(argv[2]);
    if (argc == 4 && strcmp(argv[1], "serve") == 0)
        return answers_serve(argv[2], strtod(argv[3], NULL));
    if (argc > 2 && strcmp(argv[1], "measure") == 0)
        return measure(argv + 2);
    (void)fprintf(stderr, "usage: bench_live replay FILE | serve FILE MS | measure PROGRAM...\n");
    return 64;
}
