#include "identity/fetch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <future>
#include <thread>

#include "http/server.h"
#include "http/test_routes.h"
#include "identity/scripted_server.h"

namespace vigie::identity {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Error error_of(const Result<Document>& result) { return result ? Error{.message = "no error"} : result.error(); }

TEST(Fetch, ADocumentComesWithStatusBodyTypeAndAge) {
  http::Router router;
  router.add({.path = "/keys",
              .name = "keys",
              .summary = "",
              .handler = [](const http::Request& request, http::Response& response) {
                response.body =
                    "{\"asked\":\"" + std::string(request.query) + ' ' + std::string(request.header("Accept")) + "\"}";
                response.add_header("Cache-Control", "max-age=90");
              }});
  auto server = http::Server::open({.port = 0}, router);
  ASSERT_TRUE(server) << server.error().to_string();
  (*server)->start();
  const std::string base = "http://127.0.0.1:" + std::to_string((*server)->port());
  Fetcher fetcher(patient());
  for (int turn = 0; turn < 3; ++turn) {
    const auto document = fetcher.get(base + "/keys?a=b");
    ASSERT_TRUE(document) << document.error().to_string();
    EXPECT_EQ(document->status, 200);
    EXPECT_EQ(document->body, R"({"asked":"a=b application/json"})");
    EXPECT_EQ(document->max_age, std::chrono::seconds{90});
    EXPECT_EQ(document->content_type, "application/json");
  }
  EXPECT_EQ((*server)->connections(), 1U) << "the connection is kept for the next call";
  const auto missing = fetcher.get(base + "/nothing");
  ASSERT_TRUE(missing) << "a status is for the caller to judge";
  EXPECT_EQ(missing->status, 404);
}

TEST(Fetch, AFormIsPostedWithCredentials) {
  std::promise<std::string> asked;
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    asked.set_value(peer.request());
    peer.send(scripted_answer("200 OK", "{}"));
  });
  Fetcher fetcher(patient());
  const auto document =
      fetcher.post_form(server.url("/introspect"), "token=" + form_encoded("a b"), {"vigie", "s:cret"});
  ASSERT_TRUE(document) << document.error().to_string();
  const std::string request = asked.get_future().get();
  EXPECT_THAT(request, StartsWith("POST /introspect HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("Authorization: Basic dmlnaWU6czpjcmV0\r\n"));
  EXPECT_THAT(request, HasSubstr("Content-Type: application/x-www-form-urlencoded\r\n"));
  EXPECT_THAT(request, EndsWith("\r\n\r\ntoken=a%20b"));
}

TEST(Fetch, CredentialsOfOneCallAreNotInTheNext) {
  std::mutex mutex;
  std::vector<std::string> requests;
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    for (std::string request = peer.request(); !request.empty(); request = peer.request()) {
      {
        const std::scoped_lock lock(mutex);
        requests.push_back(request);
      }
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    }
  });
  Fetcher fetcher(patient());
  ASSERT_TRUE(fetcher.post_form(server.url(), "", {"vigie", "secret"}));
  ASSERT_TRUE(fetcher.get(server.url()));
  const std::scoped_lock lock(mutex);
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_THAT(requests[0], HasSubstr("Authorization"));
  EXPECT_THAT(requests[1], StartsWith("GET "));
  EXPECT_THAT(requests[1], Not(HasSubstr("Authorization")));
  EXPECT_EQ(server.connections(), 1U);
}

TEST(Fetch, AKeptConnectionThatTheIssuerHasClosedIsMadeAgain) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    if (!peer.request().empty()) peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
  });
  Fetcher fetcher(patient());
  for (int turn = 0; turn < 5; ++turn) {
    const auto document = fetcher.post_form(server.url(), "token=t", {"vigie", "secret"});
    ASSERT_TRUE(document) << document.error().to_string();
  }
  EXPECT_EQ(server.connections(), 5U);
}

TEST(Fetch, CallsRunBesideEachOther) {
  std::promise<void> second_asked;
  const std::shared_future<void> both = second_asked.get_future().share();
  std::atomic<int> asked{0};
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    peer.request();
    if (++asked == 2) second_asked.set_value();
    if (both.wait_for(std::chrono::seconds{30}) == std::future_status::ready)
      peer.send(scripted_answer("200 OK", "{}"));
  });
  Fetcher fetcher(patient());
  auto first = std::async(std::launch::async, [&] { return fetcher.get(server.url()); });
  EXPECT_TRUE(fetcher.get(server.url()));
  EXPECT_TRUE(first.get());
}

TEST(Fetch, FormValuesAreEncoded) {
  EXPECT_EQ(form_encoded("azAZ09-._~"), "azAZ09-._~");
  EXPECT_EQ(form_encoded("a&b=c+d %\xc3\xa9\n"), "a%26b%3Dc%2Bd%20%25%C3%A9%0A");
}

TEST(Fetch, RedirectsOfAGetAreFollowedThreeTimes) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    const std::string request = peer.request();
    const int hops = request.starts_with("GET /") ? request[5] - '0' : 0;
    if (hops == 0) {
      peer.send(scripted_answer("200 OK", "there"));
    } else {
      peer.send(scripted_answer("302 Found", "", "Location: /" + std::to_string(hops - 1) + "\r\n"));
    }
  });
  Fetcher fetcher(patient());
  const auto third = fetcher.get(server.url("/3"));
  ASSERT_TRUE(third) << third.error().to_string();
  EXPECT_EQ(third->body, "there");
  EXPECT_THAT(error_of(fetcher.get(server.url("/4"))).to_string(), HasSubstr("more than 3 redirects"));
}

TEST(Fetch, RedirectsLeadNowhereThatTheUrlItselfMayNot) {
  for (const char* target :
       {"http://id.example/", "file:///etc/passwd", "http://vigie:hunter2@127.0.0.1/", "ftp://127.0.0.1/"}) {
    ScriptedServer server(
        always(scripted_answer("307 Temporary Redirect", "", "Location: " + std::string(target) + "\r\n")));
    Fetcher fetcher(patient());
    const Error error = error_of(fetcher.get(server.url()));
    EXPECT_EQ(error.code, Code::kPermissionDenied) << target << ": " << error.to_string();
    EXPECT_THAT(error.to_string(), Not(HasSubstr("hunter2")));
  }
}

TEST(Fetch, APostIsNotRedirected) {
  ScriptedServer elsewhere(always(scripted_answer("200 OK", "{}")));
  ScriptedServer server(always(scripted_answer("307 Temporary Redirect", "", "Location: " + elsewhere.url() + "\r\n")));
  Fetcher fetcher(patient());
  const auto document = fetcher.post_form(server.url(), "token=t", {"vigie", "secret"});
  ASSERT_TRUE(document) << document.error().to_string();
  EXPECT_EQ(document->status, 307);
  EXPECT_EQ(elsewhere.connections(), 0U);
}

TEST(Fetch, ABodyMayHaveTheLimitAndNoByteMore) {
  for (const bool with_length : {true, false}) {
    for (const std::size_t size : {1000U, 1001U, 200'000U}) {
      ScriptedServer server([&](ScriptedServer::Peer& peer) {
        peer.request();
        peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\n");
        if (with_length) peer.send("Content-Length: " + std::to_string(size) + "\r\n");
        peer.send("\r\n" + std::string(size, 'x'));
      });
      Fetcher fetcher(patient({.body_limit = 1000}));
      const auto document = fetcher.get(server.url());
      if (size == 1000) {
        ASSERT_TRUE(document) << document.error().to_string();
        EXPECT_EQ(document->body.size(), 1000U);
      } else {
        EXPECT_EQ(error_of(document).code, Code::kInvalidData);
        EXPECT_THAT(error_of(document).message, HasSubstr("more than 1000 bytes"));
      }
    }
  }
}

TEST(Fetch, MoreThanAMebibyteIsRefusedUnlessTold) {
  ScriptedServer server(always(scripted_answer("200 OK", std::string((1 << 20) + 1, ' '))));
  Fetcher fetcher(patient());
  EXPECT_THAT(error_of(fetcher.get(server.url())).to_string(), HasSubstr("more than 1048576 bytes"));
}

TEST(Fetch, AnEndlessHeaderIsRefused) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.request();
    if (!peer.send("HTTP/1.1 200 OK\r\n")) return;
    while (peer.send("X-More: " + std::string(1000, 'x') + "\r\n")) {
    }
  });
  Fetcher fetcher(patient());
  const Error error = error_of(fetcher.get(server.url()));
  EXPECT_EQ(error.code, Code::kInvalidData) << error.to_string();
}

TEST(Fetch, AnAnswerThatIsCutOrNoHttpIsAnError) {
  struct Case {
    const char* bytes;
    Code code;
  };
  for (const Case& it :
       {Case{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", Code::kInvalidData},
        Case{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n", Code::kInvalidData},
        Case{"SSH-2.0-OpenSSH_9.2\r\n", Code::kInvalidData}, Case{"", Code::kUnavailable}}) {
    ScriptedServer server(always(it.bytes));
    Fetcher fetcher(patient());
    const Error error = error_of(fetcher.get(server.url()));
    EXPECT_EQ(error.code, it.code) << it.bytes << ": " << error.to_string();
    EXPECT_THAT(error.to_string(), StartsWith(server.url("") + ": "));
  }
}

TEST(Fetch, BytesBehindTheLengthAreNoPartOfTheDocument) {
  ScriptedServer server(always("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}, and more"));
  Fetcher fetcher(patient());
  const auto document = fetcher.get(server.url());
  ASSERT_TRUE(document) << document.error().to_string();
  EXPECT_EQ(document->body, "{}");
}

TEST(Fetch, ASlowBodyHasTheTimeOfTheWholeCall) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    while (peer.send("x")) std::this_thread::sleep_for(std::chrono::milliseconds{10});
  });
  Fetcher fetcher({.timeout = std::chrono::milliseconds{200}});
  const Error error = error_of(fetcher.get(server.url()));
  EXPECT_EQ(error.code, Code::kUnavailable);
  EXPECT_THAT(error.to_string(), HasSubstr("within 200 ms"));
}

TEST(Fetch, SlowRedirectsShareOneTime) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.request();
    std::this_thread::sleep_for(std::chrono::milliseconds{150});
    peer.send(scripted_answer("302 Found", "", "Location: /next\r\n"));
  });
  Fetcher fetcher({.timeout = std::chrono::milliseconds{250}});
  EXPECT_THAT(error_of(fetcher.get(server.url())).to_string(), HasSubstr("within 250 ms"))
      << "not 3 redirects of 150 ms";
}

TEST(Fetch, AStopEndsACallThatWouldLastForMinutes) {
  std::promise<void> asked;
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    peer.request();
    asked.set_value();
    peer.hang();
  });
  Fetcher fetcher({.connect_timeout = std::chrono::minutes{10}, .timeout = std::chrono::minutes{10}});
  std::stop_source stop;
  auto result = std::async(std::launch::async, [&] { return fetcher.get(server.url(), stop.get_token()); });
  asked.get_future().wait();
  stop.request_stop();
  ASSERT_EQ(result.wait_for(std::chrono::seconds{30}), std::future_status::ready);
  EXPECT_THAT(error_of(result.get()).to_string(), HasSubstr("stopped"));
  EXPECT_THAT(error_of(fetcher.get(server.url(), stop.get_token())).to_string(), HasSubstr("stopped"))
      << "and later ones";
  EXPECT_EQ(server.connections(), 1U);
}

TEST(Fetch, NobodyThereIsUnavailable) {
  const ScriptedServer down([](ScriptedServer::Peer&) {}, ScriptedServer::Begin::kLater);
  Fetcher fetcher(patient());
  const Error error = error_of(fetcher.get(down.url("/keys?secret=1")));
  EXPECT_EQ(error.code, Code::kUnavailable);
  EXPECT_EQ(error.to_string(), down.url("") + ": nothing accepts connections there; check that it runs, and the port");
}

TEST(Fetch, ErrorsTellNeitherQueryNorCredentialsNorBody) {
  ScriptedServer server(always("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhunter2"));
  Fetcher fetcher(patient());
  for (const Error& error : {error_of(fetcher.get(server.url("/keys?hunter2"))),
                             error_of(fetcher.post_form(server.url(), "token=hunter2", {"hunter2", "hunter2"}))}) {
    EXPECT_EQ(error.code, Code::kInvalidData);
    EXPECT_THAT(error.to_string(), Not(HasSubstr("hunter2")));
  }
}

TEST(Fetch, ProxyVariablesAreLeftAlone) {
  ScriptedServer proxy(always(scripted_answer("200 OK", "from the proxy")));
  ::setenv("http_proxy", proxy.url().c_str(), 1);
  ::setenv("https_proxy", proxy.url().c_str(), 1);
  // A name that cannot be (RFC 6761, 6.4): only a proxy would answer for it.
  EXPECT_FALSE(Fetcher({.plain_http = true}).get("http://issuer.invalid/"));
  EXPECT_EQ(proxy.connections(), 0U);
  const auto through =
      Fetcher(patient({.plain_http = true, .proxy_from_environment = true})).get("http://issuer.invalid/");
  ::unsetenv("http_proxy");
  ::unsetenv("https_proxy");
  ASSERT_TRUE(through) << through.error().to_string();
  EXPECT_EQ(through->body, "from the proxy") << "where it is asked for";
}

}  // namespace
}  // namespace vigie::identity
