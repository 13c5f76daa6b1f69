#include "address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

/* The IANA registries of special-purpose addresses, as far as they are not globally reachable. */
static const struct {
    uint32_t network;
    unsigned bits;
} special4[] = {
    {0x00000000, 8},  /* 0.0.0.0, this network */
    {0x0a000000, 8},  /* 10.0.0.0, private */
    {0x64400000, 10}, /* 100.64.0.0, shared by customers of a provider */
    {0x7f000000, 8},  /* 127.0.0.0, this host */
    {0xa9fe0000, 16}, /* 169.254.0.0, link-local */
    {0xac100000, 12}, /* 172.16.0.0, private */
    {0xc0000000, 24}, /* 192.0.0.0, protocol assignments */
    {0xc0000200, 24}, /* 192.0.2.0, documentation */
    {0xc0a80000, 16}, /* 192.168.0.0, private */
    {0xc6120000, 15}, /* 198.18.0.0, benchmarks */
    {0xc6336400, 24}, /* 198.51.100.0, documentation */
    {0xcb007100, 24}, /* 203.0.113.0, documentation */
    {0xe0000000, 3},  /* 224.0.0.0, multicast, and what is reserved after it */
};

static bool is_public4(uint32_t address)
{
    for (size_t i = 0; i < sizeof special4 / sizeof *special4; i++) {
        unsigned host_bits = 32 - special4[i].bits;
        if (address >> host_bits == special4[i].network >> host_bits) {
            return false;
        }
    }
    return true;
}

static uint32_t last4(const struct in6_addr *address)
{
    uint32_t number;
    memcpy(&number, &address->s6_addr[12], sizeof number);
    return ntohl(number);
}

static bool is_public6(const struct in6_addr *address)
{
    static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b};
    if (IN6_IS_ADDR_V4MAPPED(address) || memcmp(address, nat64, sizeof nat64) == 0) {
        return is_public4(last4(address));
    }
    /* Of all IPv6 addresses, 2000::/3 are given out; 2001::/23 are protocols (tunnels), 2001:db8::/32 documentation,
     * and 2002::/16 tunnels to IPv4. */
    const uint8_t *b = address->s6_addr;
    bool special =
        b[0] == 0x20 && ((b[1] == 0x01 && b[2] < 2) || (b[1] == 0x01 && b[2] == 0x0d && b[3] == 0xb8) || b[1] == 0x02);
    return b[0] >> 5 == 1 && !special;
}

bool address_is_public(const struct sockaddr *address)
{
    switch (address->sa_family) {
    case AF_INET: {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        return is_public4(ntohl(in.sin_addr.s_addr));
    }
    case AF_INET6: {
        struct sockaddr_in6 in6;
        memcpy(&in6, address, sizeof in6);
        return is_public6(&in6.sin6_addr);
    }
    default:
        return false;
    }
}
