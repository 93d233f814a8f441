/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into the tested program: connections to the link-local credential addresses of AWS,
 * port 80, go to 127.0.0.1:$IRSA_TEST_LINK_LOCAL_PORT instead. All else is as it was.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const char *const addresses[] = {"169.254.170.2", "169.254.170.23", "169.254.169.254"};

__attribute__((visibility("default"))) int connect(int fd, const struct sockaddr *address,
                                                   socklen_t size)
{
    int (*next)(int, const struct sockaddr *, socklen_t) = NULL;
    *(void **)&next = dlsym(RTLD_NEXT, "connect");
    const char *port = getenv("IRSA_TEST_LINK_LOCAL_PORT");
    if (!port || address->sa_family != AF_INET || size < sizeof(struct sockaddr_in))
        return next(fd, address, size);

    struct sockaddr_in there;
    memcpy(&there, address, sizeof(there));
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        if (there.sin_addr.s_addr != inet_addr(addresses[i]) || there.sin_port != htons(80))
            continue;
        there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        there.sin_port = htons((in_port_t)strtoul(port, NULL, 10));
        return next(fd, (const struct sockaddr *)&there, sizeof(there));
    }
    return next(fd, address, size);
}
