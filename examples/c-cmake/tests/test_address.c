#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/un.h>

#include "address.h"

static const struct {
    const char *address;
    bool public;
} cases[] = {
    {"8.8.8.8", true},
    {"11.0.0.0", true},
    {"172.15.255.255", true},
    {"172.32.0.0", true},
    {"192.0.1.1", true},
    {"223.255.255.255", true},
    {"0.0.0.0", false},
    {"10.255.255.255", false},
    {"100.64.0.1", false},
    {"127.1.2.3", false},
    {"169.254.169.254", false},
    {"172.16.0.1", false},
    {"172.31.255.255", false},
    {"192.168.1.1", false},
    {"198.19.255.255", false},
    {"224.0.0.1", false},
    {"255.255.255.255", false},
    {"2a00:1450:4001::1", true},
    {"2001:4860:4860::8888", true},
    {"::ffff:8.8.8.8", true},
    {"64:ff9b::8.8.8.8", true},
    {"::", false},
    {"::1", false},
    {"::ffff:127.0.0.1", false},
    {"64:ff9b::10.0.0.1", false},
    {"2001::1", false},
    {"2001:db8::1", false},
    {"2002:7f00:1::", false},
    {"fc00::1", false},
    {"fe80::1", false},
    {"ff02::1", false},
};

static bool is_public(const char *text)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1) {
        return address_is_public((struct sockaddr *)&in);
    }
    inet_pton(AF_INET6, text, &in6.sin6_addr);
    return address_is_public((struct sockaddr *)&in6);
}

int main(void)
{
    int failures = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (is_public(cases[i].address) != cases[i].public) {
            printf("%s: expected %s\n", cases[i].address, cases[i].public ? "public" : "not public");
            failures++;
        }
    }
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    if (address_is_public((struct sockaddr *)&local)) {
        printf("a Unix socket: expected not public\n");
        failures++;
    }
    return failures > 0;
}
