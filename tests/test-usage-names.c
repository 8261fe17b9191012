/* Names: the domain table, names read in payloads, DNS answers, and what is remembered of them. */
#include "suite.h"
#include "usage-packets.h"

#include "base/base.h"
#include "usage/dns.h"
#include "usage/memory.h"
#include "usage/names.h"
#include "usage/payload.h"
#include "usage/ranges.h"

#include <arpa/inet.h>

static struct rnet_names *names;
static struct rnet_ranges *ranges;

static void
open_tables(void)
{
    ck_assert_int_eq(rnet_names_new(RNET_SOURCE_ROOT "/lib/usage/data", &names, NULL), RNET_OK);
    ck_assert_int_eq(rnet_ranges_new(RNET_SOURCE_ROOT "/lib/usage/data", &ranges, NULL), RNET_OK);
}

static void
close_tables(void)
{
    rnet_names_free(names);
    rnet_ranges_free(ranges);
}

static const struct {
    const char *host;
    enum rnet_usage usage;
    const char *why;
} hosts[] = {
    {"zoom.us", RNET_USAGE_VIDEOCONFERENCE, "the domain itself"},
    {"eu01web.zoom.us", RNET_USAGE_VIDEOCONFERENCE, "below it"},
    {"notzoom.us", RNET_USAGE_UNKNOWN, "a label is matched whole"},
    {"zoom.us.example.net", RNET_USAGE_UNKNOWN, "from the end only"},
    {"meet.google.com", RNET_USAGE_VIDEOCONFERENCE, "longest first: not google.com"},
    {"drive.google.com", RNET_USAGE_CLOUD_SYNC, "longest first"},
    {"www.google.com", RNET_USAGE_WEB, "the rest"},
    {"mail.example.fr", RNET_USAGE_EMAIL, "first label of nobody known"},
    {"vpn.mairie-exemple.fr", RNET_USAGE_VPN, "first label of nobody known"},
    {"mail", RNET_USAGE_UNKNOWN, "a lone label is no domain"},
    {"download.windowsupdate.com", RNET_USAGE_SOFTWARE_UPDATE, "domain beats first label"},
    {"www.impots.gouv.fr", RNET_USAGE_WEB, "administration"},
    {"zoom.us:443", RNET_USAGE_VIDEOCONFERENCE, "a port behind"},
    {"mail3.example.fr", RNET_USAGE_EMAIL, "numbered first label"},
    {"mail.3.example.fr", RNET_USAGE_EMAIL, "a number elsewhere"},
    {"ex12.mail.ovh.net", RNET_USAGE_EMAIL, "numbered domain"},
    {"p45-ckdatabase.icloud.com", RNET_USAGE_CLOUD_SYNC, "a number within a label"},
    {"1fichier.com", RNET_USAGE_FILE_TRANSFER, "digits that are the name"},
    {"p45-ckdatabase.example.com", RNET_USAGE_UNKNOWN, "of nobody known"},
    {"zoom.us.", RNET_USAGE_VIDEOCONFERENCE, "rooted"},
    {"", RNET_USAGE_UNKNOWN, "nothing"},
    {".", RNET_USAGE_UNKNOWN, "only a dot"},
    {"..", RNET_USAGE_UNKNOWN, "only dots"},
    {"*.*", RNET_USAGE_UNKNOWN, "stars in a host mean nothing"},
};

START_TEST(host_has_the_usage_of_its_longest_known_domain)
{
    struct rnet_opinion opinion;

    rnet_names_judge(names, hosts[_i].host, &opinion);
    ck_assert_msg(opinion.usage == hosts[_i].usage, "%s (%s): %s", hosts[_i].host, hosts[_i].why,
                  rnet_usage_info(opinion.usage)->id);
    ck_assert_int_eq(opinion.confidence > 0, hosts[_i].usage != RNET_USAGE_UNKNOWN);
}
END_TEST

START_TEST(host_longer_than_any_name_is_not_judged)
{
    char host[400];
    struct rnet_opinion opinion;

    memset(host, 'a', sizeof host);
    strcpy(host + sizeof host - 9, ".zoom.us");
    rnet_names_judge(names, host, &opinion);
    ck_assert(opinion.confidence <= 0);
}
END_TEST

static struct rnet_address
address_of(const char *text)
{
    struct rnet_address address = {.version = strchr(text, ':') != NULL ? 6 : 4};

    ck_assert_int_eq(inet_pton(address.version == 6 ? AF_INET6 : AF_INET, text, address.bytes), 1);
    return address;
}

static const struct {
    const char *address;
    uint16_t port;
    uint8_t protocol;
    enum rnet_usage usage;
    const char *why;
} ends[] = {
    {"52.113.1.1", 3479, RNET_IPPROTO_UDP, RNET_USAGE_VIDEOCONFERENCE, "Teams media"},
    {"52.116.1.1", 3479, RNET_IPPROTO_UDP, RNET_USAGE_UNKNOWN, "just past the /14"},
    {"74.125.250.9", 19305, RNET_IPPROTO_UDP, RNET_USAGE_VIDEOCONFERENCE, "Meet media"},
    {"162.125.3.4", 443, RNET_IPPROTO_TCP, RNET_USAGE_CLOUD_SYNC, "Dropbox"},
    {"162.125.3.4", 443, RNET_IPPROTO_UDP, RNET_USAGE_UNKNOWN, "only over TCP"},
    {"162.125.3.4", 80, RNET_IPPROTO_TCP, RNET_USAGE_UNKNOWN, "only on 443"},
    {"2603:1063:10::1", 3478, RNET_IPPROTO_UDP, RNET_USAGE_VIDEOCONFERENCE, "Teams over IPv6"},
    {"2603:1064::1", 3478, RNET_IPPROTO_UDP, RNET_USAGE_UNKNOWN, "outside"},
    {"192.0.2.1", 443, RNET_IPPROTO_TCP, RNET_USAGE_UNKNOWN, "documentation"},
    {"52.113.1.1", 0, 50, RNET_USAGE_UNKNOWN, "no ports, no judgement"},
};

START_TEST(address_has_the_usage_of_its_published_range)
{
    const struct rnet_address address = address_of(ends[_i].address);
    struct rnet_opinion opinion;

    rnet_ranges_judge(ranges, &address, ends[_i].port, ends[_i].protocol, &opinion);
    ck_assert_msg(opinion.usage == ends[_i].usage, "%s", ends[_i].why);
}
END_TEST

/* A TLS client hello with one extension before the name; `cut` bytes are missing at its end. */
static size_t
make_hello(uint8_t *out, const char *host, size_t cut)
{
    const size_t length = strlen(host);
    uint8_t hello[512] = {22, 3, 1, 0, 0, 1, 0, 0, 0, 3, 3};
    size_t at = 11 + 32;

    hello[at++] = 2; /* session */
    at += 2;
    hello[at++] = 0; /* suites */
    hello[at++] = 2;
    at += 2;
    hello[at++] = 1; /* compression */
    at += 1;
    at += 2; /* extensions' length: not read */
    memcpy(hello + at, "\x00\x17\x00\x00", 4);
    at += 4;
    hello[at + 3] = (uint8_t)(length + 5);
    hello[at + 5] = (uint8_t)(length + 3);
    hello[at + 8] = (uint8_t)length;
    memcpy(hello + at + 9, host, length);
    at += 9 + length;
    memcpy(out, hello, at - cut);
    return at - cut;
}

START_TEST(tls_name_is_read_whole_or_not_at_all)
{
    uint8_t hello[512];
    char host[256] = "unchanged";
    const size_t whole = make_hello(hello, "Outlook.Office365.COM", 0);

    ck_assert(rnet_payload_host(hello, whole, host, sizeof host, NULL));
    ck_assert_str_eq(host, "outlook.office365.com");
    for (size_t cut = 1; cut <= whole; cut++) {
        /* On the heap, exactly as long, so that reading past the end is seen. */
        uint8_t *copy = malloc(whole - cut + 1);

        memcpy(copy, hello, whole - cut);
        copy = realloc(copy, whole - cut > 0 ? whole - cut : 1);
        ck_assert_msg(!rnet_payload_host(copy, whole - cut, host, sizeof host, NULL), "%zu cut", cut);
        free(copy);
    }
}
END_TEST

/* A hello whose first packet is filled by a post-quantum key share: the name comes in the second. */
START_TEST(tls_name_in_the_second_packet_is_found_wherever_it_is_cut)
{
    const char *const name = "outlook.office365.com";
    uint8_t hello[2048], small[512];
    char host[256];
    unsigned found = 0;
    uint16_t rest;
    const size_t small_bytes = make_hello(small, name, 0);
    const size_t extension = small_bytes - 9 - strlen(name); /* where the name's extension begins */
    const size_t share = 1220, whole = small_bytes + 4 + share;

    memset(hello, 0, sizeof hello);
    memcpy(hello, small, extension);
    memcpy(hello + extension, "\x00\x33\x04\xc4", 4); /* key_share of 1220 bytes */
    memcpy(hello + extension + 4 + share, small + extension, small_bytes - extension);
    hello[3] = (uint8_t)((whole - 5) >> 8);
    hello[4] = (uint8_t)(whole - 5);
    for (size_t cut = extension; cut < whole; cut++) {
        ck_assert(!rnet_payload_host(hello, cut, host, sizeof host, &rest));
        if (rest == 0)
            continue; /* cut within the extension it looks for: given up */
        if (rnet_payload_host_rest(hello + cut, whole - cut, host, sizeof host, &rest)) {
            ck_assert_str_eq(host, name);
            found++;
        }
    }
    ck_assert_uint_ge(found, share); /* every cut within the key share */
    ck_assert(rnet_payload_host(hello, whole, host, sizeof host, &rest));
    ck_assert_uint_eq(rest, 0);
}
END_TEST

START_TEST(http_name_content_and_agent_are_read)
{
    static const char request[] = "GET /a HTTP/1.1\r\nX-Host: no\r\nhost:  Example.ORG \r\n"
                                  "User-Agent: Microsoft BITS/7.8\r\n\r\n";
    static const char answer[] =
        "HTTP/1.1 206 Partial Content\r\ncontent-type: video/mp4\r\nContent-Length: 123456\r\n\r\n";
    char text[64];
    enum rnet_content content;
    uint64_t length;

    ck_assert(rnet_payload_host((const uint8_t *)request, strlen(request), text, sizeof text, NULL));
    ck_assert_str_eq(text, "example.org");
    ck_assert(rnet_payload_agent((const uint8_t *)request, strlen(request), text, sizeof text));
    ck_assert_str_eq(text, "Microsoft BITS/7.8");
    ck_assert(rnet_payload_content((const uint8_t *)answer, strlen(answer), &content, &length));
    ck_assert_int_eq(content, RNET_CONTENT_VIDEO);
    ck_assert_uint_eq(length, 123456);
    ck_assert(!rnet_payload_content((const uint8_t *)request, strlen(request), &content, &length));
    ck_assert(!rnet_payload_host((const uint8_t *)answer, strlen(answer), text, sizeof text, NULL));
}
END_TEST

struct answers {
    char name[4][256];
    struct rnet_address address[4];
    size_t count;
};

static void
take_answer(void *context, const char *name, const struct rnet_address *address)
{
    struct answers *answers = context;

    ck_assert_uint_lt(answers->count, 4);
    snprintf(answers->name[answers->count], 256, "%s", name);
    answers->address[answers->count++] = *address;
}

/* Question for www.example.org, a CNAME, then an A and an AAAA record, all by pointers. */
static const uint8_t dns_answer[] =
    "\x12\x34\x81\x80\x00\x01\x00\x03\x00\x00\x00\x00"
    "\x03WWW\x07"
    "example\x03org\x00\x00\x01\x00\x01"
    "\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x06\x03"
    "cdn\xc0\x10"
    "\xc0\x2d\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x07"
    "\xc0\x2d\x00\x1c\x00\x01\x00\x00\x00\x3c\x00\x10\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00"
    "\x00\x00\x00\x00\x01";

START_TEST(addresses_of_an_answer_belong_to_what_was_asked)
{
    struct answers answers = {.count = 0};
    const struct rnet_address four = address_of("192.0.2.7"), six = address_of("2001:db8::1");

    rnet_dns_read(dns_answer, sizeof dns_answer - 1, take_answer, &answers);
    ck_assert_uint_eq(answers.count, 2);
    ck_assert_str_eq(answers.name[0], "www.example.org");
    ck_assert_str_eq(answers.name[1], "www.example.org");
    ck_assert(rnet_address_equal(&answers.address[0], &four));
    ck_assert(rnet_address_equal(&answers.address[1], &six));
}
END_TEST

START_TEST(question_teaches_nothing)
{
    uint8_t question[sizeof dns_answer];
    struct answers answers = {.count = 0};

    memcpy(question, dns_answer, sizeof question);
    question[2] = 1;
    rnet_dns_read(question, sizeof question - 1, take_answer, &answers);
    ck_assert_uint_eq(answers.count, 0);
}
END_TEST

static void
ignore_answer(void *context, const char *name, const struct rnet_address *address)
{
    size_t *seen = context;

    ck_assert_uint_lt(strlen(name), 256);
    ck_assert(address->version == 4 || address->version == 6);
    ++*seen;
}

START_TEST(damaged_answers_are_survived)
{
    struct rnet_random random = rnet_random_stream(3, 0);
    size_t seen = 0;

    for (int i = 0; i < 20000; i++) {
        const size_t bytes = rnet_random_below(&random, sizeof dns_answer);
        uint8_t *copy = malloc(bytes + 1);

        memcpy(copy, dns_answer, bytes);
        for (size_t change = rnet_random_below(&random, 4); bytes > 12 && change > 0; change--)
            copy[12 + rnet_random_below(&random, bytes - 12)] = (uint8_t)rnet_random_u64(&random);
        copy = realloc(copy, bytes > 0 ? bytes : 1);
        rnet_dns_read(copy, bytes, ignore_answer, &seen);
        free(copy);
    }
    ck_assert_uint_gt(seen, 0); /* some still held an address */
}
END_TEST

START_TEST(name_that_points_to_itself_ends)
{
    static const uint8_t loop[] = "\x12\x34\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\xc0\x0c\x00\x01"
                                  "\x00\x01\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00"
                                  "\x02\x07";
    struct answers answers = {.count = 0};

    rnet_dns_read(loop, sizeof loop - 1, take_answer, &answers);
    ck_assert_uint_eq(answers.count, 0);
}
END_TEST

START_TEST(memory_keeps_what_is_recent_by_its_whole_key)
{
    struct rnet_memory *memory = rnet_memory_new(64);
    const struct rnet_address a = address_of("192.0.2.1"), b = address_of("192.0.2.2");
    const struct rnet_memory_key key = {&a, &b, 443, RNET_IPPROTO_TCP};
    struct rnet_memory_key other = key;
    struct rnet_opinion opinion = {.usage = RNET_USAGE_EMAIL, .confidence = 0.9f}, found;

    rnet_memory_add(memory, &key, 100, &opinion);
    rnet_memory_find(memory, &key, 50, 150, &found);
    ck_assert_int_eq(found.usage, RNET_USAGE_EMAIL);
    rnet_memory_find(memory, &key, 101, 150, &found);
    ck_assert(found.confidence <= 0);
    other.port = 444;
    rnet_memory_find(memory, &other, 50, 150, &found);
    ck_assert(found.confidence <= 0);
    other = key;
    other.other = NULL;
    rnet_memory_find(memory, &other, 50, 150, &found);
    ck_assert(found.confidence <= 0);
    rnet_memory_add(memory, &key, 180, &opinion); /* heard again: known since the first time */
    rnet_memory_find(memory, &key, 50, 150, &found);
    ck_assert_int_eq(found.usage, RNET_USAGE_EMAIL);
    rnet_memory_find(memory, &key, 170, 300, &found);
    ck_assert_int_eq(found.usage, RNET_USAGE_EMAIL);
    rnet_memory_find(memory, &key, 181, 300, &found);
    ck_assert(found.confidence <= 0);
    opinion.usage = RNET_USAGE_WEB;
    rnet_memory_add(memory, &key, 200, &opinion); /* something else: from then on */
    rnet_memory_find(memory, &key, 0, 300, &found);
    ck_assert_int_eq(found.usage, RNET_USAGE_WEB);
    rnet_memory_find(memory, &key, 0, 199, &found);
    ck_assert(found.confidence <= 0);
    rnet_memory_free(memory);
}
END_TEST

START_TEST(full_memory_forgets_the_oldest_and_stays_in_bounds)
{
    struct rnet_memory *memory = rnet_memory_new(64);
    struct rnet_address address = address_of("10.0.0.0");
    const struct rnet_memory_key key = {&address, NULL, 1, 6};
    const struct rnet_opinion opinion = {.usage = RNET_USAGE_WEB, .confidence = 0.9f};
    struct rnet_opinion found;
    int kept = 0;

    for (int i = 0; i < 1000; i++) {
        address.bytes[2] = (uint8_t)(i >> 8);
        address.bytes[3] = (uint8_t)i;
        rnet_memory_add(memory, &key, i, &opinion);
        rnet_memory_find(memory, &key, 0, 1000, &found);
        ck_assert(found.confidence > 0); /* the newest is always there */
    }
    for (int i = 0; i < 1000; i++) {
        address.bytes[2] = (uint8_t)(i >> 8);
        address.bytes[3] = (uint8_t)i;
        rnet_memory_find(memory, &key, 0, 1000, &found);
        kept += found.confidence > 0;
    }
    ck_assert_int_le(kept, 64);
    ck_assert_int_gt(kept, 32);
    rnet_memory_free(memory);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("usage-names");
    TCase *tables = tcase_create("tables"), *payloads = tcase_create("payloads");

    tcase_add_checked_fixture(tables, open_tables, close_tables);
    tcase_add_loop_test(tables, host_has_the_usage_of_its_longest_known_domain, 0,
                        sizeof hosts / sizeof hosts[0]);
    tcase_add_test(tables, host_longer_than_any_name_is_not_judged);
    tcase_add_loop_test(tables, address_has_the_usage_of_its_published_range, 0,
                        sizeof ends / sizeof ends[0]);
    suite_add_tcase(suite, tables);
    tcase_add_test(payloads, tls_name_is_read_whole_or_not_at_all);
    tcase_add_test(payloads, tls_name_in_the_second_packet_is_found_wherever_it_is_cut);
    tcase_add_test(payloads, http_name_content_and_agent_are_read);
    tcase_add_test(payloads, addresses_of_an_answer_belong_to_what_was_asked);
    tcase_add_test(payloads, question_teaches_nothing);
    tcase_add_test(payloads, damaged_answers_are_survived);
    tcase_add_test(payloads, name_that_points_to_itself_ends);
    tcase_add_test(payloads, memory_keeps_what_is_recent_by_its_whole_key);
    tcase_add_test(payloads, full_memory_forgets_the_oldest_and_stays_in_bounds);
    suite_add_tcase(suite, payloads);
    return suite_run(suite);
}
