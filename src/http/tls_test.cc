#include "http/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "base/random.h"
#include "http/raw_client.h"
#include "http/server.h"
#include "http/test_certificate.h"
#include "http/test_routes.h"

namespace vigie::http {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

struct ClientOptions {
  int least = TLS1_2_VERSION;
  int most = TLS1_3_VERSION;
  std::string protocols{};  // for ALPN, as on the wire
  const char* ciphers = nullptr;
  SSL_SESSION* session = nullptr;
  const TestCertificate* certificate = nullptr;
};

// OpenSSL's own client over a blocking socket.
class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port, const ClientOptions& options = {})
      : tcp_(port), context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
    SSL_CTX_set_security_level(context_.get(), 0);  // so that TLS 1.1 is offered where it is asked for
    SSL_CTX_set_min_proto_version(context_.get(), options.least);
    SSL_CTX_set_max_proto_version(context_.get(), options.most);
    if (options.ciphers != nullptr) SSL_CTX_set_cipher_list(context_.get(), options.ciphers);
    if (options.certificate != nullptr) {
      SSL_CTX_use_certificate_file(context_.get(), options.certificate->certificate_file.c_str(), SSL_FILETYPE_PEM);
      SSL_CTX_use_PrivateKey_file(context_.get(), options.certificate->key_file.c_str(), SSL_FILETYPE_PEM);
    }
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), tcp_.descriptor());
    if (options.session != nullptr) SSL_set_session(ssl_.get(), options.session);
    if (!options.protocols.empty()) {
      SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(options.protocols.data()),
                          static_cast<unsigned>(options.protocols.size()));
    }
    connected_ = SSL_connect(ssl_.get()) == 1;
    ERR_clear_error();
  }

  bool connected() const { return connected_; }
  std::string version() const { return SSL_get_version(ssl_.get()); }
  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  SSL* ssl() { return ssl_.get(); }
  std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }
  std::string server_name() const {
    const std::unique_ptr<X509, void (*)(X509*)> certificate(SSL_get1_peer_certificate(ssl_.get()), X509_free);
    std::array<char, 100> text{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, text.data(), text.size());
    return text.data();
  }

  bool send(std::string_view bytes) {
    return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size());
  }
  // Until `enough` bytes are there or the connection ends.
  std::string receive(std::size_t enough) {
    std::string all;
    std::array<char, 65536> block{};
    while (all.size() < enough) {
      const int size = SSL_read(ssl_.get(), block.data(), block.size());
      if (size <= 0) break;
      all.append(block.data(), static_cast<std::size_t>(size));
    }
    return all;
  }
  // Up to an answer to kHello that has nothing behind it; shorter where the connection ends.
  std::string receive_to_hello() {
    std::string all;
    while (!all.ends_with("\r\n\r\nhello")) {
      const std::string more = receive(1);
      if (more.empty()) break;
      all += more;
    }
    return all;
  }
  std::string ask_hello() {
    send(kHello);
    return receive_to_hello();
  }

 private:
  RawClient tcp_;
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_{nullptr, SSL_free};
  bool connected_ = false;
};

// GET /large answers 8 MB, POST /upper its body in capitals as it comes.
class TlsTest : public testing::Test {
 protected:
  TlsTest() {
    add_hello_and_echo(router_);
    router_.add({.path = "/large", .name = "large", .summary = "", .handler = [](const Request&, Response& response) {
                   response.body.assign(8 << 20, '~');
                 }});
    router_.add({.method = Method::kPost,
                 .path = "/upper",
                 .name = "upper",
                 .summary = "",
                 .body_limit = 100 << 20,
                 .work = Work::kStream,
                 .stream = [](const Request&, BodyReader& body, ResponseStream& answer) {
                   std::array<char, 30'000> block{};
                   if (!answer.start()) return;
                   while (true) {
                     const auto size = body.read(block);
                     if (!size) return;
                     if (*size == 0) break;
                     for (char& c : block) c = static_cast<char>(c - 32);
                     if (!answer.write({block.data(), *size})) return;
                   }
                   if (!answer.finish()) return;
                 }});
  }
  TlsOptions tls() const {
    return {.certificate_file = certificate_.certificate_file, .key_file = certificate_.key_file};
  }
  void open(TlsOptions options, Limits limits = {}, bool strict_transport = true) {
    auto server = Server::open({.port = 0,
                                .threads = 2,
                                .limits = limits,
                                .tls = std::move(options),
                                .strict_transport = strict_transport,
                                .spool = {.folder = testing::TempDir()},
                                .seed = 7},
                               router_);
    ASSERT_TRUE(server) << server.error().to_string();
    server_ = std::move(*server);
    server_->start();
  }
  std::uint16_t port() const { return server_->port(); }

  TestCertificate certificate_{testing::TempDir() + "server", "first"};
  Router router_;
  std::unique_ptr<Server> server_;
};

TEST_F(TlsTest, AnswersOver12And13AndRefusesWhatIsOlder) {
  open(tls());
  TlsClient newest(port());
  ASSERT_TRUE(newest.connected());
  EXPECT_EQ(newest.version(), "TLSv1.3");
  EXPECT_THAT(newest.ask_hello(), testing::StartsWith("HTTP/1.1 200 OK"));
  EXPECT_THAT(newest.ask_hello(), HasSubstr("hello")) << "on the same connection";
  TlsClient older(port(), {.most = TLS1_2_VERSION});
  ASSERT_TRUE(older.connected());
  EXPECT_EQ(older.version(), "TLSv1.2");
  EXPECT_THAT(older.ask_hello(), HasSubstr("hello"));
  EXPECT_FALSE(TlsClient(port(), {.least = TLS1_1_VERSION, .most = TLS1_1_VERSION}).connected());
  for (const char* weak : {"AES128-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES256-SHA"}) {
    EXPECT_FALSE(TlsClient(port(), {.most = TLS1_2_VERSION, .ciphers = weak}).connected()) << weak;
  }
}

TEST_F(TlsTest, TheLeastVersionCanBe13) {
  TlsOptions options = tls();
  options.least = TlsVersion::k13;
  open(options);
  EXPECT_TRUE(TlsClient(port()).connected());
  EXPECT_FALSE(TlsClient(port(), {.most = TLS1_2_VERSION}).connected());
}

TEST_F(TlsTest, Http11IsChosenAndSessionsAreResumed) {
  open(tls());
  TlsClient client(port(), {.protocols = "\x02h2\x08http/1.1"});
  EXPECT_EQ(client.protocol(), "http/1.1");
  EXPECT_FALSE(TlsClient(port(), {.protocols = "\x02h2"}).connected());
  EXPECT_THAT(client.ask_hello(), HasSubstr("hello"));  // the ticket comes with it
  const std::unique_ptr<SSL_SESSION, void (*)(SSL_SESSION*)> session(SSL_get1_session(client.ssl()), SSL_SESSION_free);
  TlsClient again(port(), {.session = session.get()});
  EXPECT_TRUE(again.resumed());
  EXPECT_THAT(again.ask_hello(), HasSubstr("hello"));
}

TEST_F(TlsTest, LargeAnswersAndPipelinesArriveWhole) {
  open(tls());
  TlsClient client(port());
  std::string requests;
  for (int i = 0; i < 3; ++i) requests += "GET /large HTTP/1.1\r\nHost: here\r\n\r\n";
  client.send(requests + kHello);
  const std::string all = client.receive_to_hello();
  EXPECT_EQ(std::ranges::count(all, '~'), 3 * (8 << 20));
}

TEST_F(TlsTest, BodiesStreamBothWays) {
  open(tls());
  constexpr std::size_t kSize = 20 << 20;
  TlsClient client(port());
  const std::string block(1 << 20, '{');
  // All of it before the first byte is read: the answer waits in the spool.
  ASSERT_TRUE(
      client.send("POST /upper HTTP/1.1\r\nHost: here\r\nContent-Length: " + std::to_string(kSize) + "\r\n\r\n"));
  for (std::size_t sent = 0; sent < kSize; sent += block.size()) ASSERT_TRUE(client.send(block));
  client.send(kHello);
  const std::string all = client.receive_to_hello();
  EXPECT_THAT(all, HasSubstr("Transfer-Encoding: chunked"));
  EXPECT_EQ(std::ranges::count(all, '['), static_cast<std::ptrdiff_t>(kSize));
}

TEST_F(TlsTest, ReloadingChangesWhatNewConnectionsSee) {
  open(tls());
  TlsClient before(port());
  EXPECT_EQ(before.server_name(), "first");
  const TestCertificate second(testing::TempDir() + "server", "second");  // over the same files
  EXPECT_EQ(TlsClient(port()).server_name(), "first") << "nobody has asked for it yet";
  ASSERT_TRUE(server_->reload_tls());
  EXPECT_EQ(TlsClient(port()).server_name(), "second");
  EXPECT_THAT(before.ask_hello(), HasSubstr("hello")) << "open connections go on";

  std::ofstream(second.key_file) << "no key";
  const Status failed = server_->reload_tls();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().place.file, second.key_file);
  EXPECT_EQ(TlsClient(port()).server_name(), "second") << "the old one stays";
}

TEST_F(TlsTest, UnusableFilesAreNamed) {
  const auto refused = [&](TlsOptions options) {
    const auto server = Server::open({.port = 0, .tls = std::move(options)}, router_);
    return server ? std::string("opened") : server.error().to_string();
  };
  TlsOptions options = tls();
  options.certificate_file = "/nonexistent.pem";
  EXPECT_THAT(refused(options), HasSubstr("/nonexistent.pem"));
  const TestCertificate other(testing::TempDir() + "other", "other");
  options = tls();
  options.key_file = other.key_file;
  EXPECT_THAT(refused(options), testing::AllOf(HasSubstr(other.key_file), HasSubstr("the certificate's own key")));
  const TestCertificate locked(testing::TempDir() + "locked", "locked", "secret");
  EXPECT_THAT(refused({.certificate_file = locked.certificate_file, .key_file = locked.key_file}),
              testing::AllOf(HasSubstr(locked.key_file), HasSubstr("without a passphrase")));
  options = tls();
  options.client_ca_file = locked.key_file;
  EXPECT_THAT(refused(options), HasSubstr(locked.key_file));
}

TEST_F(TlsTest, ClientsMayBeAskedForACertificate) {
  const TestCertificate known(testing::TempDir() + "known", "known");
  const TestCertificate stranger(testing::TempDir() + "stranger", "stranger");
  TlsOptions options = tls();
  options.client_ca_file = known.certificate_file;
  open(options);
  EXPECT_THAT(TlsClient(port(), {.certificate = &known}).ask_hello(), HasSubstr("hello"));
  // In TLS 1.3 a client has connected before it is refused.
  EXPECT_EQ(TlsClient(port()).ask_hello(), "");
  EXPECT_EQ(TlsClient(port(), {.certificate = &stranger}).ask_hello(), "");
}

TEST_F(TlsTest, BrowsersAreToldToStayWithTls) {
  open(tls());
  EXPECT_THAT(TlsClient(port()).ask_hello(), HasSubstr("\r\nStrict-Transport-Security: max-age=31536000\r\n"));
  open(tls(), {}, false);
  const std::string answer = TlsClient(port()).ask_hello();
  EXPECT_THAT(answer, testing::AllOf(HasSubstr("hello"), Not(HasSubstr("Strict-Transport-Security"))));
}

TEST_F(TlsTest, PlainTextIsToldToSpeakTls) {
  open(tls());
  RawClient client(port());
  const RawReply reply = client.ask(kHello);
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.body, HasSubstr("https://"));
  EXPECT_EQ(reply.field("Strict-Transport-Security"), "") << "it would mean nothing here (RFC 6797, 7.2)";
  EXPECT_TRUE(client.closed());
}

TEST_F(TlsTest, HalfAHandshakeAndGarbageEndInTime) {
  open(tls(), {.header = 200ms});
  RawClient silent(port());
  RawClient half(port());
  half.send(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
  EXPECT_TRUE(half.closed());
  EXPECT_TRUE(silent.closed());
  Random random(5);
  for (int round = 0; round < 50; ++round) {
    std::string garbage(10'000, '\0');
    for (char& c : garbage) c = static_cast<char>(random.next());
    if (round % 2 == 1) garbage.replace(0, 3, "\x16\x03\x01");
    RawClient client(port());
    client.send(garbage);
    EXPECT_THAT(client.rest(), Not(HasSubstr("HTTP/1.1 200")));
  }
  EXPECT_THAT(TlsClient(port()).ask_hello(), HasSubstr("hello"));
  EXPECT_TRUE(soon([&] { return server_->connections() == 0; }));
}

TEST_F(TlsTest, AClientThatNeverReadsIsDropped) {
  open(tls(), {.write = 200ms});
  TlsClient client(port());
  for (int i = 0; i < 4; ++i) client.send("GET /large HTTP/1.1\r\nHost: here\r\n\r\n");
  EXPECT_TRUE(soon([&] { return server_->connections() == 0; }));
}

TEST_F(TlsTest, ConnectionsOverTheLimitAreToldSo) {
  open(tls(), {.connections = 1});
  TlsClient first(port());
  EXPECT_THAT(first.ask_hello(), HasSubstr("hello"));
  TlsClient second(port());
  EXPECT_TRUE(second.connected());
  EXPECT_THAT(second.receive(1), HasSubstr("HTTP/1.1 503"));
}

}  // namespace
}  // namespace vigie::http
