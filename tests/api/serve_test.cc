// vigie serve as a user meets it: from training to a pasted curl, signals, and wrong usage.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <csignal>
#include <filesystem>
#include <set>
#include <sstream>
#include <thread>

#include "base/sanitized.h"
#include "serve_fixture.h"

namespace vigie::tests {
namespace {

using testing::HasSubstr;

TEST_F(ServeTest, ThePrintedCurlAnswers) {
  Background server(serve("private"), {.cwd = folder_->path()});
  const auto line = server.wait_for_line("\"started\"");
  ASSERT_TRUE(line) << server.err();
  const std::string text = server.out();
  EXPECT_THAT(text, HasSubstr("no authentication"));
  EXPECT_THAT(text, HasSubstr("/predict-batch"));
  const auto begin = text.find("curl ");
  ASSERT_NE(begin, std::string::npos) << text;
  // Each ends with an empty line.
  const std::string second_curl = text.substr(text.find("curl ", begin + 1));
  const Outcome pasted = run_program({"sh", "-c", text.substr(begin, text.size() - begin - second_curl.size())});
  EXPECT_EQ(pasted.exit_code, 0) << pasted.err;
  const auto answer = boost::json::parse(pasted.out);
  EXPECT_TRUE(answer.as_object().contains("hybrid_score")) << pasted.out;
  const Outcome fraud = run_program({"sh", "-c", second_curl});
  EXPECT_TRUE(boost::json::parse(fraud.out).as_object().contains("risque")) << fraud.out << fraud.err;

  http::RawClient scraper(port_of(text));
  const auto metrics = boost::json::parse(scraper.ask("GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n").body);
  EXPECT_EQ(metrics.at("total_requests").to_number<int>(), 2);
  EXPECT_EQ(metrics.at("fraud_predictions").to_number<int>() + metrics.at("legitimate_predictions").to_number<int>(),
            1);

  struct stat info{};
  ASSERT_EQ(::stat((*folder_ / "private").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);

  const Outcome second = run_vigie(serve("private"), {.cwd = folder_->path()});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.err, HasSubstr("another vigie serve uses this state folder"));
  auto same_port = serve("other");
  same_port[6] = std::to_string(port_of(text));
  const Outcome third = run_vigie(same_port, {.cwd = folder_->path()});
  EXPECT_EQ(third.exit_code, 1);
  EXPECT_THAT(third.err, HasSubstr("is in use; stop the other program or give --port"));

  const Outcome ended = server.stop();
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("\"stopped\""));
  if (!kSanitized) {
    EXPECT_LT(ended.peak_kib, 80u * 1024);
  }
}

TEST_F(ServeTest, LinesAreAnsweredAsVigieScoreWritesThem) {
  const RunOptions here{.cwd = folder_->path()};
  // The same rows as JSON, for what the simulated file holds are plain numbers.
  std::istringstream rows(read_text(*folder_ / "card.csv"));
  std::vector<std::string> names;
  std::string ndjson;
  for (std::string line, cell; std::getline(rows, line);) {
    std::istringstream cells(line);
    std::string object;
    for (std::size_t i = 0; std::getline(cells, cell, ','); ++i) {
      if (ndjson.empty() && names.size() == i) {
        names.push_back(cell);
      } else {
        object += (object.empty() ? "{\"" : ", \"") + names.at(i) + "\": " + cell;
      }
    }
    if (!object.empty()) ndjson += object + "}\n";
  }
  write_text(*folder_ / "card.ndjson", ndjson);

  Background server(serve(), here);
  ASSERT_TRUE(server.wait_for_line("\"started\"")) << server.err();
  const std::string url = "http://127.0.0.1:" + std::to_string(port_of(server.out())) + "/predict-batch";
  const auto curl = [&](const std::string& query, const std::string& type, const std::string& file) {
    const Outcome asked = run_program({"curl", "-sS", "--fail", url + query, "-H", "Content-Type: " + type,
                                       "--data-binary", "@" + file, "-o", "answer"},
                                      here);
    EXPECT_EQ(asked.exit_code, 0) << asked.err;
    return read_text(*folder_ / "answer");
  };
  for (const auto& [type, suffix] : {std::pair<std::string, std::string>{"text/csv", ".csv"},
                                     std::pair<std::string, std::string>{"application/x-ndjson", ".ndjson"}}) {
    const Outcome scored =
        run_vigie({"score", "--model", "model", "--input", "card" + suffix, "--output", "scored" + suffix}, here);
    ASSERT_EQ(scored.exit_code, 0) << scored.err;
    const std::string expected = read_text(*folder_ / ("scored" + suffix));
    EXPECT_TRUE(curl("?on_error=fail", type, "card" + suffix) == expected) << type;
    const std::string in_place = curl("", type, "card" + suffix);
    if (suffix == ".ndjson") {
      EXPECT_TRUE(in_place == expected) << "objects of good rows have no error";
      continue;
    }
    std::istringstream lines(expected);
    std::string with_errors;
    for (std::string line; std::getline(lines, line);) {
      with_errors += line + (with_errors.empty() ? ",error\n" : ",\n");
    }
    EXPECT_TRUE(in_place == with_errors);
  }
}

TEST_F(ServeTest, ASecondSignalEndsAtOnce) {
  Background server(serve(), {.cwd = folder_->path()});
  ASSERT_TRUE(server.wait_for_line("\"started\"")) << server.err();
  http::RawClient half(port_of(server.out()));
  half.send("GET /health HTTP/1.1\r\nHo");
  http::RawClient whole(port_of(server.out()));
  EXPECT_EQ(whole.ask("GET /health HTTP/1.1\r\nHost: here\r\n\r\n").status, 200);
  server.send(SIGTERM);
  ASSERT_TRUE(server.wait_for_line("\"stopping\""));
  EXPECT_TRUE(server.running());
  server.send(SIGINT);
  EXPECT_TRUE(server.wait_for_line("\"stopped\""));
  EXPECT_TRUE(half.closed());
}

TEST_F(ServeTest, TellsItsLoadBalancerBeforeItStops) {
  write_text(*folder_ / "grace.yaml",
             "server: {auth: none, port: 0, state: grace, limits: {grace_time: 1h}}\n"
             "models: {card: model}\n");
  Background server({"serve", "--config", "grace.yaml"}, {.cwd = folder_->path()});
  ASSERT_TRUE(server.wait_for_line("\"started\"")) << server.err();
  const std::uint16_t port = port_of(server.out());
  const auto ask = [&](const std::string& path) {
    return http::RawClient(port).ask("GET " + path + " HTTP/1.1\r\nHost: here\r\n\r\n");
  };
  EXPECT_EQ(ask("/health/ready").status, 200);
  server.send(SIGTERM);
  ASSERT_TRUE(server.wait_for_line("\"stopping\""));
  const auto not_ready = ask("/health/ready");
  EXPECT_EQ(not_ready.status, 503);
  EXPECT_FALSE(not_ready.field("Retry-After").empty());
  EXPECT_EQ(ask("/health").status, 200) << "all else goes on, for new connections too";
  server.send(SIGTERM);
  EXPECT_TRUE(server.wait_for_line("\"stopped\""));
}

TEST_F(ServeTest, PagesOfAListedOriginMayReadItsAnswers) {
  write_text(*folder_ / "cors.yaml",
             "server: {auth: none, port: 0, state: cors, cors: {origins: [\"https://bank.example\"], max_age: 5m}}\n"
             "models: {card: model}\n");
  Background server({"serve", "--config", "cors.yaml"}, {.cwd = folder_->path()});
  ASSERT_TRUE(server.wait_for_line("\"started\"")) << server.err();
  const http::RawReply preflight = http::RawClient(port_of(server.out()))
                                       .ask(
                                           "OPTIONS /predict HTTP/1.1\r\nHost: here\r\nOrigin: https://bank.example\r\n"
                                           "Access-Control-Request-Method: POST\r\n\r\n");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.field("Access-Control-Allow-Origin"), "https://bank.example");
  EXPECT_EQ(preflight.field("Access-Control-Allow-Methods"), "POST, OPTIONS");
  EXPECT_EQ(preflight.field("Access-Control-Max-Age"), "300");
}

TEST_F(ServeTest, SpeaksTlsAndReadsItsCertificateAgain) {
  const RunOptions here{.cwd = folder_->path()};
  const auto certify = [&](const std::string& name) {
    const Outcome made = run_program(
        {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=" + name, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"},
        here);
    ASSERT_EQ(made.exit_code, 0) << made.err;
  };
  certify("first");
  write_text(*folder_ / "tls.yaml",
             "server:\n  auth: none\n  port: 0\n  state: tls\n"
             "  tls: {certificate_file: cert.pem, key_file: key.pem, least_version: \"1.3\"}\n"
             "models: {card: model}\n");
  Background server({"serve", "--config", "tls.yaml"}, here);
  ASSERT_TRUE(server.wait_for_line("\"started\"")) << server.err();
  const std::string text = server.out();
  EXPECT_THAT(text, HasSubstr("https://127.0.0.1:"));
  const std::string url = "https://127.0.0.1:" + std::to_string(port_of(text)) + "/health";
  const auto curl = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"curl", "-sS", "--fail", "--cacert", "cert.pem"});
    more.push_back(url);
    return run_program(more, here);
  };
  EXPECT_EQ(curl({}).exit_code, 0) << curl({}).err;
  EXPECT_NE(curl({"--tls-max", "1.2"}).exit_code, 0);

  certify("second");
  EXPECT_NE(curl({}).exit_code, 0) << "the server still shows the first";
  server.send(SIGHUP);
  ASSERT_TRUE(server.wait_for_line("\"reloaded\""));
  EXPECT_EQ(curl({}).exit_code, 0) << curl({}).err;

  write_text(*folder_ / "cert.pem", "no certificate\n");
  server.send(SIGHUP);
  const auto kept = server.wait_for_line("not reloaded");
  ASSERT_TRUE(kept);
  EXPECT_THAT(*kept, HasSubstr("cert.pem"));
  EXPECT_EQ(run_program({"curl", "-sS", "--fail", "--insecure", url}, here).exit_code, 0);
}

TEST_F(ServeTest, WritesAnAccessLogThatLogrotateMayMoveAway) {
  write_text(*folder_ / "log.yaml",
             "server: {auth: none, port: 0, state: log}\n"
             "access_log: {to: access.log, redact: [key], client_address: truncated}\n"
             "models: {card: model}\n");
  Background server({"serve", "--config", "log.yaml"}, {.cwd = folder_->path()});
  ASSERT_TRUE(server.wait_for_line("\"started\"")) << server.err();
  http::RawClient client(port_of(server.out()));
  const auto ask = [&](const std::string& path) {
    return client.ask("GET " + path + " HTTP/1.1\r\nHost: here\r\nAccept: text/plain\r\n\r\n");
  };
  // One line, as soon as it is there.
  const auto line_of = [&](const std::string& file) {
    for (int turn = 0; turn < 2000; ++turn) {
      const std::string text = read_text(*folder_ / file);
      if (text.ends_with('\n')) return boost::json::parse(text);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ADD_FAILURE() << file << " stays empty";
    return boost::json::value(boost::json::object());
  };
  EXPECT_EQ(ask("/health?key=hidden").status, 200);
  const auto first = line_of("access.log");
  EXPECT_EQ(first.at("url.query").as_string(), "key=[redacted]");
  EXPECT_EQ(first.at("client.address").as_string(), "127.0.0.0");
  EXPECT_EQ(first.at("vigie.route").as_string(), "health");

  std::filesystem::rename(*folder_ / "access.log", *folder_ / "access.log.1");
  server.send(SIGHUP);
  ASSERT_TRUE(server.wait_for_line("\"reloaded\""));
  EXPECT_EQ(ask("/nowhere").status, 404);
  EXPECT_EQ(line_of("access.log").at("url.path").as_string(), "/nowhere");
  const std::string metrics = ask("/metrics").body;
  EXPECT_THAT(metrics, HasSubstr("vigie_access_log_written_total 2\n"));
  EXPECT_THAT(metrics, HasSubstr("vigie_access_log_dropped_total{reason=\"full\"} 0\n"));
  EXPECT_EQ(server.stop().exit_code, 0);
}

TEST_F(ServeTest, AnAccessLogOnAFullDiskIsToldOnStderr) {
  write_text(*folder_ / "full.yaml",
             "server: {auth: none, port: 0, state: full}\naccess_log: {to: /dev/full}\nmodels: {card: model}\n");
  Background server({"serve", "--config", "full.yaml"}, {.cwd = folder_->path()});
  ASSERT_TRUE(server.wait_for_line("\"started\"")) << server.err();
  http::RawClient client(port_of(server.out()));
  EXPECT_EQ(client.ask("GET /health HTTP/1.1\r\nHost: here\r\n\r\n").status, 200);
  const auto told = server.wait_for_line("lines of the access log are lost");
  ASSERT_TRUE(told);
  EXPECT_THAT(*told, HasSubstr("No space left on device"));
  EXPECT_EQ(client.ask("GET /health HTTP/1.1\r\nHost: here\r\n\r\n").status, 200);
}

TEST_F(ServeTest, TakesANewModelWithoutLosingOrMixingARequest) {
  const RunOptions here{.cwd = folder_->path()};
  const Outcome made = run_vigie({"train", "card", "--data", "card.csv", "--seed", "9", "--out", "another"}, here);
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const auto configure = [&](const std::string& model, const std::string& more = {}) {
    write_text(*folder_ / "new.yaml",
               "server: {auth: none, port: 0, threads: 2, state: new" + more + "}\nmodels: {card: " + model + "}\n");
  };
  configure("model");
  Background server({"serve", "--config", "new.yaml"}, here);
  ASSERT_TRUE(server.wait_for_line("\"started\"")) << server.err();
  const std::uint16_t port = port_of(server.out());
  const auto said = [&](std::string_view words) {
    const std::string err = server.err();
    std::size_t times = 0;
    for (auto at = err.find(words); at != std::string::npos; at = err.find(words, at + 1)) ++times;
    return times;
  };
  const auto reload = [&](const std::string& outcome) {
    const std::size_t before = said(outcome);
    server.send(SIGHUP);
    for (int turn = 0; turn < 4000 && said(outcome) == before; ++turn) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_EQ(said(outcome), before + 1) << outcome << server.err();
  };
  std::string body = R"({"Time": 1000, "Amount": 120.5)";
  for (int i = 1; i <= 28; ++i) body += ", \"V" + std::to_string(i) + "\": 0.3";
  const std::string predict =
      "POST /predict HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: " +
      std::to_string(body.size() + 1) + "\r\n\r\n" + body + "}";
  const auto decision = [&](http::RawClient& client) {
    const http::RawReply reply = client.ask(predict);
    EXPECT_EQ(reply.status, 200) << reply.body;
    if (reply.status != 200) return std::string();
    const auto answer = boost::json::parse(reply.body);
    return serialize(answer.at("model").at("version")) + " " + serialize(answer.at("hybrid_score")) + " " +
           serialize(answer.at("threshold_used"));
  };
  const auto get = [&](const std::string& path) {
    return http::RawClient(port)
        .ask("GET " + path + " HTTP/1.1\r\nHost: here\r\nAccept: text/plain, */*;q=0.1\r\n\r\n")
        .body;
  };
  std::set<std::string> whole;
  {
    http::RawClient client(port);
    whole.insert(decision(client));
    configure("another");
    reload("\"reloaded\"");
    whole.insert(decision(client));
    ASSERT_EQ(whole.size(), 2u) << "the models differ";
  }

  std::atomic<bool> stop = false;
  std::atomic<int> asked = 0;
  std::vector<std::thread> clients;
  for (int c = 0; c < 3; ++c) {
    clients.emplace_back([&] {
      http::RawClient client(port);
      while (!stop) {
        const std::string got = decision(client);
        EXPECT_TRUE(whole.contains(got)) << got;
        ++asked;
        if (got.empty()) return;
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    configure(i % 2 == 0 ? "model" : "another");
    reload("\"reloaded\"");
  }
  stop = true;
  for (std::thread& client : clients) client.join();
  EXPECT_GT(asked, 50);

  const auto version_of = [](const std::string& health) {
    return serialize(boost::json::parse(health).at("services").at("predict").at("version"));
  };
  const std::string before = version_of(get("/health"));
  EXPECT_THAT(get("/metrics"), HasSubstr("version=" + before + "} 1\n"));
  write_text(*folder_ / "new.yaml", "server: {prot: 1}\n");
  reload("not reloaded, what was there stays");
  configure("nowhere");
  reload("not reloaded, what was there stays");
  EXPECT_EQ(version_of(get("/health")), before);
  configure("model", ", limits: {idle_timeout: 5s}, cors: {origins: [\"https://bank.example\"]}");
  reload("\"reloaded\"");
  EXPECT_NE(version_of(get("/health")), before);
  EXPECT_EQ(said("a changed setting needs a restart"), 1u);
  EXPECT_THAT(server.err(), HasSubstr("server.limits.idle_timeout"));
  EXPECT_EQ(http::RawClient(port)
                .ask("GET /health HTTP/1.1\r\nHost: here\r\nOrigin: https://bank.example\r\n\r\n")
                .field("Access-Control-Allow-Origin"),
            "https://bank.example");
  const std::string metrics = get("/metrics");
  EXPECT_THAT(metrics, HasSubstr("vigie_reloads_total{outcome=\"success\"} 52\n"));
  EXPECT_THAT(metrics, HasSubstr("vigie_reloads_total{outcome=\"failure\"} 2\n"));
}

TEST_F(ServeTest, WrongUsageIsToldWithItsRemedy) {
  const RunOptions here{.cwd = folder_->path()};
  const auto expect = [&](std::vector<std::string> arguments, int code, const std::string& words) {
    const Outcome outcome = run_vigie(arguments, here);
    EXPECT_EQ(outcome.exit_code, code) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(words));
  };
  expect({"serve", "--model", "card=model", "--auth", "ldap"}, 2, "no authentication \"ldap\"");
  expect({"serve", "--model", "card=model", "--auth", "none", "--host", "0.0.0.0"}, 2, "0.0.0.0 is not its loopback");
  expect({"serve", "--model", "card=model", "--auth", "oidc"}, 2, "oidc.issuer: no provider");
  write_text(*folder_ / "oidc.yaml",
             "server: {auth: oidc}\noidc: {issuer: 'http://id.example'}\nmodels: {card: model}\n");
  expect({"serve", "--config", "oidc.yaml"}, 2, "oidc.issuer");
  for (const char* more : {"", ", client_id: vigie", ", client_secret: hunter2"}) {
    write_text(*folder_ / "asks.yaml",
               "server: {auth: oidc}\nmodels: {card: model}\n"
               "oidc: {issuer: 'https://id.example', introspection: always" +
                   std::string(more) + "}\n");
    std::filesystem::permissions(*folder_ / "asks.yaml", std::filesystem::perms(0600));
    expect({"serve", "--config", "asks.yaml"}, 2,
           "oidc.introspection: https://id.example is to be asked about tokens, and there is no oidc.client_");
  }
  expect({"serve", "--auth", "none"}, 2, "give --model card=FOLDER");
  expect({"serve", "--model", "credit=model", "--auth", "none"}, 2, "this is a card model, and a credit model");
  write_text(*folder_ / "wrong.yaml", "server:\n  prot: 80\n");
  expect({"serve", "--config", "wrong.yaml"}, 2, "wrong.yaml:2:3: server.prot: there is no such setting");
  write_text(*folder_ / "nolog.yaml",
             "server: {auth: none, state: nolog}\naccess_log: {to: none/log}\nmodels: {card: model}\n");
  expect({"serve", "--config", "nolog.yaml"}, 1, "none/log: cannot open the log");
  write_text(*folder_ / "proxy.yaml",
             "server: {auth: none, state: proxy, proxy_protocol: required}\nmodels: {card: model}\n");
  expect({"serve", "--config", "proxy.yaml"}, 2, "name the proxies in server.trusted_proxies");
  expect({"serve", "--model", "card=nowhere", "--auth", "none"}, 1, "nowhere");
}

}  // namespace
}  // namespace vigie::tests
