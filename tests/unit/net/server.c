/* SPDX-License-Identifier: Apache-2.0 */
#include "server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct connection {
    struct server *server;
    int fd;
    SSL *ssl;
    unsigned served;
    struct irsa_buf input;
};

static ssize_t get(struct connection *c, char *data, size_t size)
{
    return c->ssl ? SSL_read(c->ssl, data, (int)size) : read(c->fd, data, size);
}

static bool put(struct connection *c, const char *data, size_t len)
{
    while (len > 0) {
        const ssize_t n =
            c->ssl ? SSL_write(c->ssl, data, (int)len) : send(c->fd, data, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        data += n;
        len -= (size_t)n;
    }
    return true;
}

static bool puts_all(struct connection *c, const char *text)
{
    return put(c, text, strlen(text));
}

static bool answer(struct connection *c, const char *status, const char *headers, const char *body)
{
    irsa_autofree char *text = irsa_format("HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n%s", status,
                                           strlen(body), headers, body);
    return puts_all(c, text);
}

/* Until the other side goes away. */
static void wait_for_end(struct connection *c)
{
    char byte = 0;
    while (get(c, &byte, 1) > 0)
        ;
}

static void pause_ms(long ms)
{
    const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&time, NULL);
}

static bool do_ok(struct connection *c, const char *request)
{
    (void)request;
    return answer(c, "200 OK", "X-Amzn-RequestId: id-1234\r\nX-Test:  two words \r\n", "hello");
}

static bool do_echo(struct connection *c, const char *request)
{
    return answer(c, "200 OK", "", request);
}

static bool do_reset(struct connection *c, const char *request)
{
    (void)request;
    const struct linger at_once = {.l_onoff = 1};
    (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    return false;
}

static bool do_close(struct connection *c, const char *request)
{
    (void)c, (void)request;
    return false;
}

/* A keep-alive connection that dies when it is used again. */
static bool do_close_reused(struct connection *c, const char *request)
{
    return c->served > 1 ? false : do_ok(c, request);
}

static bool do_cut(struct connection *c, const char *request)
{
    (void)request;
    (void)puts_all(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nX-Amzn-RequestId: id-cut\r\n\r\n"
                      "0123456789");
    return false;
}

static bool do_cut_chunk(struct connection *c, const char *request)
{
    (void)request;
    (void)puts_all(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n0123");
    return false;
}

static bool do_endless(struct connection *c, const char *request)
{
    (void)request;
    (void)puts_all(c, "HTTP/1.1 200 OK\r\n\r\n");
    char block[4096];
    memset(block, 'x', sizeof(block));
    while (put(c, block, sizeof(block)))
        ;
    return false;
}

static bool do_long(struct connection *c, const char *request)
{
    (void)request;
    (void)puts_all(c, "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n");
    wait_for_end(c);
    return false;
}

static bool do_headers(struct connection *c, const char *request)
{
    (void)request;
    (void)puts_all(c, "HTTP/1.1 200 OK\r\n");
    while (puts_all(c, "X-Filler: 0123456789012345678901234567890123456789\r\n"))
        ;
    return false;
}

static bool do_hang(struct connection *c, const char *request)
{
    (void)request;
    wait_for_end(c);
    return false;
}

static bool do_hang_amid(struct connection *c, const char *request)
{
    (void)request;
    (void)puts_all(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
    wait_for_end(c);
    return false;
}

static bool do_slow(struct connection *c, const char *request)
{
    pause_ms(150);
    return do_ok(c, request);
}

static bool do_not_http(struct connection *c, const char *request)
{
    (void)request;
    (void)puts_all(c, "220 ready when you are\r\n");
    return false;
}

static bool do_continue(struct connection *c, const char *request)
{
    (void)puts_all(c, "HTTP/1.1 103 Early Hints\r\nX-Early: yes\r\n\r\n");
    return do_ok(c, request);
}

static bool do_redirect(struct connection *c, const char *request)
{
    (void)request;
    return answer(c, "302 Found", "Location: /ok\r\n", "");
}

static bool do_busy(struct connection *c, const char *request)
{
    (void)request;
    return answer(c, "503 Slow Down", "Retry-After: 1\r\n", "<html>busy</html>");
}

static bool do_denied(struct connection *c, const char *request)
{
    (void)request;
    return answer(c, "407 Proxy Authentication Required", "", "");
}

static const struct {
    const char *path;
    bool (*act)(struct connection *, const char *request); /* false: the connection ends */
} acts[] = {
    {"/ok", do_ok},
    {"/echo", do_echo},
    {"/reset", do_reset},
    {"/close", do_close},
    {"/close-reused", do_close_reused},
    {"/cut", do_cut},
    {"/cut-chunk", do_cut_chunk},
    {"/endless", do_endless},
    {"/long", do_long},
    {"/headers", do_headers},
    {"/hang", do_hang},
    {"/hang-amid", do_hang_amid},
    {"/slow", do_slow},
    {"/not-http", do_not_http},
    {"/continue", do_continue},
    {"/redirect", do_redirect},
    {"/busy", do_busy},
};

static bool act(struct connection *c, const char *request)
{
    const char *path = strchr(request, ' ');
    if (strncmp(request, "CONNECT ", 8) == 0)
        return do_denied(c, request);
    for (size_t i = 0; path && i < IRSA_COUNT(acts); i++) {
        const size_t len = strlen(acts[i].path);
        if (strncmp(path + 1, acts[i].path, len) == 0 && strchr(" ?", path[1 + len]))
            return acts[i].act(c, request);
    }
    return do_echo(c, request);
}

/* How long the first request in the input is; 0: not all of it is there. */
static size_t request_length(const struct irsa_buf *input)
{
    const char *end = input->data ? strstr(input->data, "\r\n\r\n") : NULL;
    if (!end)
        return 0;
    const char *length = strcasestr(input->data, "\r\ncontent-length:");
    const size_t head = (size_t)(end - input->data) + 4;
    const size_t body = length && length < end ? strtoul(length + 17, NULL, 10) : 0;
    return input->len >= head + body ? head + body : 0;
}

static char *read_request(struct connection *c)
{
    size_t len = 0;
    while ((len = request_length(&c->input)) == 0) {
        char data[4096];
        const ssize_t n = get(c, data, sizeof(data));
        if (n <= 0)
            return NULL;
        irsa_buf_add(&c->input, data, (size_t)n);
    }
    char *request = irsa_strndup(c->input.data, len);
    irsa_buf_splice(&c->input, 0, len, "", 0);
    return request;
}

static bool serve_one(struct connection *c)
{
    irsa_autofree char *request = read_request(c);
    if (!request)
        return false;
    c->served++;
    struct server *server = c->server;
    (void)pthread_mutex_lock(&server->lock);
    irsa_strings_add(&server->requests, request);
    server->busy++;
    if (server->busy > server->peak)
        server->peak = server->busy;
    (void)pthread_mutex_unlock(&server->lock);
    const bool more = act(c, request);
    (void)pthread_mutex_lock(&server->lock);
    server->busy--;
    (void)pthread_mutex_unlock(&server->lock);
    return more;
}

static void *serve(void *context)
{
    struct connection *c = context;
    if (!c->ssl || SSL_accept(c->ssl) == 1) {
        while (serve_one(c))
            ;
    }
    SSL_free(c->ssl);
    (void)close(c->fd);
    irsa_buf_done(&c->input);
    struct server *server = c->server;
    free(c);
    (void)pthread_mutex_lock(&server->lock);
    server->open--;
    (void)pthread_mutex_unlock(&server->lock);
    return NULL;
}

static void *accept_all(void *context)
{
    struct server *server = context;
    for (;;) {
        const int fd = accept(server->listener, NULL, NULL);
        (void)pthread_mutex_lock(&server->lock);
        const bool stopping = server->stopping || fd < 0;
        if (!stopping) {
            server->connections++;
            server->open++;
        }
        (void)pthread_mutex_unlock(&server->lock);
        if (stopping) {
            if (fd >= 0)
                (void)close(fd);
            return NULL;
        }
        struct connection *c = irsa_calloc(1, sizeof(*c));
        *c = (struct connection){.server = server, .fd = fd};
        if (server->tls) {
            c->ssl = SSL_new(server->tls);
            (void)SSL_set_fd(c->ssl, fd);
        }
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve, c) != 0)
            abort();
        (void)pthread_detach(thread);
    }
}

void server_start(struct server *server, SSL_CTX *tls)
{
    (void)signal(SIGPIPE, SIG_IGN); /* SSL_write can't be told */
    *server = (struct server){.tls = tls};
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    if (bind(server->listener, (struct sockaddr *)&address, sizeof(address)) != 0
        || listen(server->listener, 64) != 0
        || getsockname(server->listener, (struct sockaddr *)&address, &len) != 0
        || pthread_mutex_init(&server->lock, NULL) != 0)
        abort();
    server->port = ntohs(address.sin_port);
    if (pthread_create(&server->thread, NULL, accept_all, server) != 0)
        abort();
}

/* The clients must be gone before. */
void server_stop(struct server *server)
{
    (void)pthread_mutex_lock(&server->lock);
    server->stopping = true;
    (void)pthread_mutex_unlock(&server->lock);
    (void)shutdown(server->listener, SHUT_RDWR);
    (void)pthread_join(server->thread, NULL);
    (void)close(server->listener);
    for (bool open = true; open; pause_ms(1)) {
        (void)pthread_mutex_lock(&server->lock);
        open = server->open > 0;
        (void)pthread_mutex_unlock(&server->lock);
    }
    (void)pthread_mutex_destroy(&server->lock);
    irsa_strings_done(&server->requests);
    SSL_CTX_free(server->tls);
}

char *server_request(struct server *server, size_t i)
{
    (void)pthread_mutex_lock(&server->lock);
    char *copy = i < server->requests.len ? irsa_strdup(server->requests.items[i]) : NULL;
    (void)pthread_mutex_unlock(&server->lock);
    return copy;
}

size_t server_request_count(struct server *server)
{
    (void)pthread_mutex_lock(&server->lock);
    const size_t count = server->requests.len;
    (void)pthread_mutex_unlock(&server->lock);
    return count;
}
