/* What is kept of an outcome, and how its errors read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/probe/outcome.h"

static struct outcome answered(const char *answer)
{
    struct outcome outcome = {.status = OUTCOME_RESPONSE, .probe = 7, .rtt_ns = 42, .connect_ns = -1};
    outcome.reply.answer = answer;
    outcome.reply.answer_len = answer ? (uint32_t)strlen(answer) : 0;
    return outcome;
}

static struct addr address(const char *text)
{
    struct addr addr;
    assert_true(addr_parse(text, &addr));
    return addr;
}

static void a_copy_owns_its_texts(void **state)
{
    (void)state;
    char answer[] = "x.test. 1 IN A 192.0.2.1\n";
    char ede[] = "no way";
    uint8_t nsid[] = {'n', 's', 0, 1};
    struct outcome_texts texts = {0};
    struct outcome kept = {0};
    struct outcome outcome = answered(answer);
    outcome.reply.ede_count = 2;
    outcome.reply.ede[0] = (struct dns_ede){.code = 20};
    outcome.reply.ede[1] = (struct dns_ede){.code = 18, .text = ede, .text_len = 6};
    outcome.reply.has_nsid = true;
    outcome.reply.nsid = nsid;
    outcome.reply.nsid_len = sizeof nsid;
    outcome_copy(&kept, &texts, &outcome);
    memset(answer, 'X', sizeof answer);
    memset(ede, 'X', sizeof ede);
    memset(nsid, 'X', sizeof nsid);
    assert_int_equal(kept.probe, 7);
    assert_int_equal(kept.rtt_ns, 42);
    assert_string_equal(kept.reply.answer, "x.test. 1 IN A 192.0.2.1\n");
    assert_false(kept.reply.answer_cut);
    assert_null(kept.reply.ede[0].text);
    assert_memory_equal(kept.reply.ede[1].text, "no way", 6);
    assert_memory_equal(kept.reply.nsid, "ns\0\1", 4);
    outcome_texts_fini(&texts);
}

static void an_outcome_without_texts_needs_no_memory(void **state)
{
    (void)state;
    struct outcome_texts texts = {0};
    struct outcome kept;
    struct outcome outcome = {.status = OUTCOME_TIMEOUT, .rtt_ns = -1};
    outcome_copy(&kept, &texts, &outcome);
    assert_null(texts.bytes);
    assert_int_equal(kept.status, OUTCOME_TIMEOUT);
    assert_null(kept.reply.answer);
    outcome_texts_fini(&texts);
}

static void a_buffer_that_suffices_is_used_again(void **state)
{
    (void)state;
    struct outcome_texts texts = {0};
    struct outcome kept;
    struct outcome longer = answered("a.long.name.test. 3600 IN CNAME another.long.name.test.\n");
    struct outcome shorter = answered("x.test. 1 IN A 192.0.2.1\n");
    outcome_copy(&kept, &texts, &longer);
    const char *bytes = texts.bytes;
    uint32_t capacity = texts.capacity;
    outcome_copy(&kept, &texts, &shorter);
    assert_ptr_equal(texts.bytes, bytes);
    assert_int_equal(texts.capacity, capacity);
    assert_string_equal(kept.reply.answer, "x.test. 1 IN A 192.0.2.1\n");
    outcome_texts_fini(&texts);
}

static void only_the_first_records_are_kept(void **state)
{
    (void)state;
    char answer[64 * 4 + 1] = "";
    struct outcome_texts texts = {0};
    struct outcome kept;
    for (int i = 0; i < OUTCOME_KEPT_RECORDS; i++) strcat(answer, "a b\n");
    struct outcome outcome = answered(answer);
    outcome_copy(&kept, &texts, &outcome);
    assert_int_equal(kept.reply.answer_len, 4 * OUTCOME_KEPT_RECORDS);
    assert_false(kept.reply.answer_cut);
    strcat(answer, "a b\n");
    outcome = answered(answer);
    outcome_copy(&kept, &texts, &outcome);
    assert_int_equal(kept.reply.answer_len, 4 * OUTCOME_KEPT_RECORDS);
    assert_true(kept.reply.answer_cut);
    assert_int_equal(strlen(kept.reply.answer), kept.reply.answer_len);
    outcome_texts_fini(&texts);
}

static void a_record_is_kept_whole_or_not_at_all(void **state)
{
    (void)state;
    char answer[2 * OUTCOME_KEPT_TEXT];
    struct outcome_texts texts = {0};
    struct outcome kept;
    memset(answer, 'x', sizeof answer);
    answer[99] = '\n';
    answer[OUTCOME_KEPT_TEXT - 1] = '\n';
    answer[OUTCOME_KEPT_TEXT] = '\0';
    struct outcome outcome = answered(answer);
    outcome_copy(&kept, &texts, &outcome);
    assert_int_equal(kept.reply.answer_len, OUTCOME_KEPT_TEXT);
    memcpy(answer + OUTCOME_KEPT_TEXT - 1, "x\n", 3);
    outcome = answered(answer);
    outcome_copy(&kept, &texts, &outcome);
    assert_int_equal(kept.reply.answer_len, 100);
    assert_true(kept.reply.answer_cut);
    answer[99] = 'x';
    outcome_copy(&kept, &texts, &outcome);
    assert_int_equal(kept.reply.answer_len, 0);
    assert_null(kept.reply.answer);
    assert_true(kept.reply.answer_cut);
    outcome_texts_fini(&texts);
}

static void assert_described(const struct outcome *outcome, const char *source, const char *expected)
{
    AUTO(strbuf_fini) struct strbuf out = {0};
    struct config_client client = {0};
    if (source) client.source[ADDR_V4] = address(source);
    outcome_describe_error(outcome, &(struct plan_probe){.client = &client, .family = ADDR_V4}, &out);
    assert_string_equal(strbuf_text(&out), expected);
}

static void local_errors_name_the_step_and_the_reason(void **state)
{
    (void)state;
    struct outcome outcome = {.status = OUTCOME_LOCAL_ERROR};
    assert_described(&outcome, NULL, "");
    outcome.error.step = OUTCOME_STEP_BIND;
    outcome.error.number = EADDRNOTAVAIL;
    assert_described(&outcome, "10.20.5.18", "bind to 10.20.5.18: Cannot assign requested address");
    outcome.error.step = OUTCOME_STEP_SOCKET;
    outcome.error.number = EMFILE;
    assert_described(&outcome, NULL, "open a socket: Too many open files");
    outcome.error.step = OUTCOME_STEP_CONNECT;
    outcome.error.number = ENETUNREACH;
    assert_described(&outcome, NULL, "connect: Network is unreachable");
    outcome.error.step = OUTCOME_STEP_SEND;
    outcome.error.number = 4095;
    assert_described(&outcome, NULL, "send: error 4095");
}

static void assert_step_described(enum outcome_step step, int number, const char *expected)
{
    AUTO(strbuf_fini) struct strbuf out = {0};
    struct config_client client = {.netns = "/run/netns/pods", .interface = "eth1", .has_mark = true, .mark = 9};
    struct outcome outcome = {.status = OUTCOME_LOCAL_ERROR, .error = {.step = (uint8_t)step, .number = number}};
    outcome_describe_error(&outcome, &(struct plan_probe){.client = &client, .family = ADDR_V4}, &out);
    assert_string_equal(strbuf_text(&out), expected);
}

static void what_a_client_context_needs_is_said(void **state)
{
    (void)state;
    assert_step_described(OUTCOME_STEP_NETNS, ENOENT,
                          "enter the network namespace /run/netns/pods: No such file or directory");
    assert_step_described(
        OUTCOME_STEP_NETNS, EPERM,
        "enter the network namespace /run/netns/pods: Operation not permitted; it needs CAP_SYS_ADMIN");
    assert_step_described(OUTCOME_STEP_NETNS, EINVAL,
                          "enter the network namespace /run/netns/pods: Invalid argument; it is no network namespace");
    assert_step_described(OUTCOME_STEP_INTERFACE, ENODEV, "bind to the interface eth1: No such device");
    assert_step_described(
        OUTCOME_STEP_MARK, EPERM,
        "set the mark 9: Operation not permitted; it needs CAP_NET_ADMIN, or since Linux 5.17 CAP_NET_RAW");
    assert_step_described(OUTCOME_STEP_TRANSPARENT, EPERM,
                          "send from an address that is not local: Operation not permitted; it needs CAP_NET_ADMIN or "
                          "CAP_NET_RAW");
}

static void tls_and_certificates_speak_openssls_words(void **state)
{
    (void)state;
    assert_int_equal(OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, NULL), 1);
    struct outcome outcome = {.status = OUTCOME_TLS_FAILED, .error = {.step = OUTCOME_STEP_TLS}};
    assert_described(&outcome, NULL, "TLS handshake");
    outcome.error.number = ECONNRESET;
    assert_described(&outcome, NULL, "TLS handshake: Connection reset by peer");
    outcome.error.number = 0;
    outcome.error.tls = ERR_PACK(ERR_LIB_SSL, 0, SSL_R_WRONG_VERSION_NUMBER);
    assert_described(&outcome, NULL, "TLS handshake: wrong version number");
    outcome.error = (struct outcome_error){.step = OUTCOME_STEP_CERTIFICATE, .number = X509_V_ERR_CERT_HAS_EXPIRED};
    assert_described(&outcome, NULL, "verify the certificate: certificate has expired");
}

static void errors_over_http_say_what_was_wrong(void **state)
{
    (void)state;
    struct outcome outcome = {.status = OUTCOME_HTTP_FAILED, .http_status = 403, .error = {.step = OUTCOME_STEP_HTTP}};
    assert_described(&outcome, NULL, "HTTP status 403");
    outcome.error.http = OUTCOME_HTTP_NO_HTTP2;
    assert_described(&outcome, NULL, "the server speaks no HTTP/2");
}

static void a_wrong_source_is_named(void **state)
{
    (void)state;
    struct outcome outcome = {.status = OUTCOME_LOCAL_ERROR, .local = address("192.0.2.9")};
    outcome.error.step = OUTCOME_STEP_SOURCE_SUBNET;
    assert_described(&outcome, NULL, "the kernel chose 192.0.2.9 as source, outside the client's subnet");
    outcome.error.step = OUTCOME_STEP_SOURCE_CHANGED;
    assert_described(&outcome, "10.20.5.18", "the source is 192.0.2.9, not 10.20.5.18");
}

static void icmp_errors_name_their_meaning_and_their_sender(void **state)
{
    (void)state;
    struct outcome outcome = {.status = OUTCOME_UNREACHABLE};
    outcome.error = (struct outcome_error){.step = OUTCOME_STEP_RECEIVE,
                                           .number = ECONNREFUSED,
                                           .has_icmp = true,
                                           .icmp_type = 3,
                                           .icmp_code = 3,
                                           .icmp_sender = address("10.0.0.1")};
    assert_described(&outcome, NULL, "ICMP port unreachable from 10.0.0.1");
    outcome.error.icmp_code = 13;
    assert_described(&outcome, NULL, "ICMP communication administratively prohibited from 10.0.0.1");
    outcome.error.icmp_type = 200;
    assert_described(&outcome, NULL, "ICMP type 200 code 13 from 10.0.0.1");
    outcome.error.icmp_sender = address("2001:db8::1");
    outcome.error.icmp_type = 1;
    outcome.error.icmp_code = 4;
    assert_described(&outcome, NULL, "ICMPv6 port unreachable from 2001:db8::1");
    outcome.error.icmp_type = 3;
    outcome.error.icmp_sender.present = false;
    outcome.local = address("2001:db8::2");
    assert_described(&outcome, NULL, "ICMPv6 time exceeded");
}

static void every_status_has_its_name(void **state)
{
    (void)state;
    for (int i = 0; i < OUTCOME_STATUSES; i++) assert_non_null(outcome_status_names[i]);
    assert_string_equal(outcome_status_names[OUTCOME_CONNECT_REFUSED], "connect_refused");
    assert_string_equal(outcome_status_names[OUTCOME_LOCAL_ERROR], "local_error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_owns_its_texts),
        cmocka_unit_test(an_outcome_without_texts_needs_no_memory),
        cmocka_unit_test(a_buffer_that_suffices_is_used_again),
        cmocka_unit_test(only_the_first_records_are_kept),
        cmocka_unit_test(a_record_is_kept_whole_or_not_at_all),
        cmocka_unit_test(local_errors_name_the_step_and_the_reason),
        cmocka_unit_test(what_a_client_context_needs_is_said),
        cmocka_unit_test(tls_and_certificates_speak_openssls_words),
        cmocka_unit_test(errors_over_http_say_what_was_wrong),
        cmocka_unit_test(a_wrong_source_is_named),
        cmocka_unit_test(icmp_errors_name_their_meaning_and_their_sender),
        cmocka_unit_test(every_status_has_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
