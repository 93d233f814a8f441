/* SPDX-License-Identifier: Apache-2.0 */
#include "answers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_ANSWERS 64
#define MAX_CONNECTIONS 64
#define MAX_REQUEST 65536

struct answer {
    char *key; /* found in the request that it belongs to */
    char *text;
    size_t len;
};

struct connection {
    int fd;
    size_t len;
    const struct answer *answer; /* NULL: a request is awaited */
    double due_ms;
    char request[MAX_REQUEST + 1];
};

struct answers {
    struct answer known[MAX_ANSWERS];
    size_t known_count;
    struct connection *connections[MAX_CONNECTIONS];
    size_t count;
    double delay_ms;
};

static void *must(void *memory)
{
    if (!memory)
        abort();
    return memory;
}

static double now_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static char *from_hex(const char *hex, size_t *ret_len)
{
    static const char digits[] = "0123456789abcdef";
    const size_t len = strlen(hex) / 2;
    char *text = must(calloc(1, len + 1));
    for (size_t i = 0; i < len; i++) {
        const char *high = strchr(digits, hex[2 * i]);
        const char *low = strchr(digits, hex[2 * i + 1]);
        if (high && low)
            text[i] = (char)((high - digits) * 16 + (low - digits));
    }
    *ret_len = len;
    return text;
}

static int read_answers(struct answers *all, const char *name)
{
    FILE *file = fopen(name, "r");
    char *line = NULL;
    size_t room = 0;
    if (!file)
        return -1;
    while (getline(&line, &room, file) > 0 && all->known_count < MAX_ANSWERS) {
        char *rest = NULL;
        const char *key = strtok_r(line, " \n", &rest);
        const char *text = strtok_r(NULL, " \n", &rest);
        if (!key || !text)
            continue;
        struct answer *answer = &all->known[all->known_count++];
        size_t key_len = 0;
        answer->key = from_hex(key, &key_len);
        answer->text = from_hex(text, &answer->len);
    }
    free(line);
    (void)fclose(file);
    return 0;
}

static int listen_somewhere(void)
{
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(address);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, len) != 0
        || listen(listener, MAX_CONNECTIONS) != 0
        || getsockname(listener, (struct sockaddr *)&address, &len) != 0)
        return -1;
    (void)printf("%d\n", ntohs(address.sin_port));
    (void)fflush(stdout);
    return listener;
}

static void take_connection(struct answers *all, int listener)
{
    static const int one = 1;
    const int fd = accept(listener, NULL, NULL);
    if (fd < 0 || all->count == MAX_CONNECTIONS) {
        (void)close(fd);
        return;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    struct connection *connection = must(calloc(1, sizeof(*connection)));
    connection->fd = fd;
    all->connections[all->count++] = connection;
}

static bool is_whole(const struct connection *connection)
{
    const char *end = strstr(connection->request, "\r\n\r\n");
    if (!end)
        return false;
    const char *length = strcasestr(connection->request, "\r\ncontent-length:");
    const long body = length && length < end ? strtol(length + 17, NULL, 10) : 0;
    return connection->len >= (size_t)(end + 4 - connection->request) + (size_t)body;
}

/* False: the connection is over. */
static bool take_bytes(const struct answers *all, struct connection *connection)
{
    const ssize_t got =
        read(connection->fd, connection->request + connection->len, MAX_REQUEST - connection->len);
    if (got <= 0)
        return false;
    connection->len += (size_t)got;
    connection->request[connection->len] = '\0';
    if (!is_whole(connection))
        return true;
    for (size_t i = 0; i < all->known_count && !connection->answer; i++) {
        if (strstr(connection->request, all->known[i].key))
            connection->answer = &all->known[i];
    }
    connection->due_ms = now_ms() + all->delay_ms;
    connection->len = 0;
    return connection->answer != NULL;
}

static void answer_due(struct answers *all)
{
    const double now = now_ms();
    for (size_t i = 0; i < all->count; i++) {
        struct connection *connection = all->connections[i];
        if (!connection->answer || connection->due_ms > now)
            continue;
        (void)send(connection->fd, connection->answer->text, connection->answer->len, MSG_NOSIGNAL);
        connection->answer = NULL;
    }
}

/* Until something comes, or the next answer is due. */
static void wait_for(const struct answers *all, struct pollfd *polled)
{
    double due = -1;
    for (size_t i = 0; i < all->count; i++) {
        const struct connection *connection = all->connections[i];
        polled[i + 2] = (struct pollfd){.fd = connection->fd, .events = POLLIN};
        if (connection->answer && (due < 0 || connection->due_ms < due))
            due = connection->due_ms;
    }
    double left = due - now_ms();
    left = left > 0 ? left : 0;
    const struct timespec timeout = {.tv_sec = (time_t)(left / 1e3),
                                     .tv_nsec = (long)(left * 1e6) % 1000000000L};
    (void)ppoll(polled, all->count + 2, due < 0 ? NULL : &timeout, NULL);
}

int answers_serve(const char *name, double delay_ms)
{
    static struct answers served;
    struct answers *all = &served;
    struct pollfd polled[MAX_CONNECTIONS + 2] = {{.fd = STDIN_FILENO, .events = POLLIN}};
    all->delay_ms = delay_ms;
    const int listener = read_answers(all, name) == 0 ? listen_somewhere() : -1;
    if (listener < 0)
        return 1;
    polled[1] = (struct pollfd){.fd = listener, .events = POLLIN};
    while (!polled[0].revents) {
        wait_for(all, polled);
        for (size_t i = all->count; i-- > 0;) {
            if (!polled[i + 2].revents || take_bytes(all, all->connections[i]))
                continue;
            (void)close(all->connections[i]->fd);
            free(all->connections[i]);
            all->connections[i] = all->connections[--all->count];
        }
        if (polled[1].revents)
            take_connection(all, listener);
        answer_due(all);
    }
    return 0; /* the process ends, and all of it with it */
}
