// Who may ask vigie serve, as a user meets it: tokens, sessions, settings.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <csignal>
#include <thread>

#include "serve_fixture.h"

namespace vigie::tests {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class IdentityTest : public ServeTest {};

TEST_F(IdentityTest, TokensLetInByRoleUntilTheyAreRevoked) {
  const RunOptions here{.cwd = folder_->path()};
  std::vector<std::string> arguments = {"serve", "--model", "card=model", "--port", "0", "--state", "tokens"};
  const auto token = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"token", "--state", "tokens"});
    const Outcome outcome = run_vigie(more, here);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(std::ranges::count(outcome.out, '\n'), 1) << "the token alone";
    return outcome.out.substr(0, outcome.out.find('\n'));
  };
  const std::string early = token({"--role", "analyst"});  // before the server's first start
  std::string id;
  {
    Background server(arguments, here);
    ASSERT_TRUE(server.wait_for_line("\"started\"")) << server.err();
    const std::string text = server.out();
    EXPECT_THAT(text, HasSubstr("to holders of tokens"));
    const Outcome pasted = run_program({"sh", "-c", text.substr(text.find("curl "))}, here);
    EXPECT_THAT(pasted.out, HasSubstr("hybrid_score")) << pasted.err;

    http::RawClient client(port_of(text));
    const auto ask = [&](const std::string& bearer) {
      const std::string body = "[]";
      return client.ask("POST /predict-batch HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n" +
                        (bearer.empty() ? "" : "Authorization: Bearer " + bearer + "\r\n") +
                        "Content-Length: 2\r\n\r\n" + body);
    };
    EXPECT_EQ(ask(early).status, 200);
    EXPECT_EQ(ask("").status, 401);
    EXPECT_EQ(ask(token({"--role", "viewer"})).status, 403);
    EXPECT_EQ(ask(token({"--role", "admin"})).status, 200);
    const Outcome told = run_vigie({"token", "--role", "analyst", "--state", "tokens", "--json"}, here);
    const auto made = boost::json::parse(told.out).as_object();
    id = made.at("id").as_string();
    const std::string doomed(made.at("token").as_string());
    EXPECT_EQ(ask(doomed).status, 200);

    ASSERT_EQ(run_vigie({"token", "rotate", "--state", "tokens"}, here).exit_code, 0);
    const std::string later = token({"--role", "analyst"});
    // The running server takes notice within a second.
    const auto soon = [&](const std::string& bearer, int status) {
      for (int i = 0; i < 500 && ask(bearer).status != status; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
      return ask(bearer).status;
    };
    EXPECT_EQ(soon(later, 200), 200);
    EXPECT_EQ(ask(early).status, 200) << "the key before is still published";
    ASSERT_EQ(run_vigie({"token", "revoke", "--id", id, "--state", "tokens"}, here).exit_code, 0);
    EXPECT_EQ(soon(doomed, 401), 401);
    EXPECT_EQ(ask(early).status, 200);
    EXPECT_THAT(server.out() + server.err(), Not(HasSubstr(early.substr(early.rfind('.')))));
  }
  Background again(arguments, here);
  ASSERT_TRUE(again.wait_for_line("\"started\"")) << again.err();
  http::RawClient client(port_of(again.out()));
  EXPECT_EQ(client
                .ask("POST /predict-batch HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
                     "Authorization: Bearer " +
                     early + "\r\nContent-Length: 2\r\n\r\n[]")
                .status,
            200)
      << "a restart keeps the keys";
}

TEST_F(IdentityTest, WrongUseOfTokensIsToldWithItsRemedy) {
  const RunOptions here{.cwd = folder_->path()};
  const auto expect = [&](std::vector<std::string> arguments, const std::string& words) {
    arguments.insert(arguments.begin(), "token");
    const Outcome outcome = run_vigie(arguments, here);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, HasSubstr(words));
  };
  expect({}, "give viewer, analyst or admin");
  expect({"--role", "root"}, "there is no role \"root\"");
  expect({"--role", "admin", "--ttl", "1y"}, "give one as 90s, 15m, 1h or 30d");
  expect({"--role", "admin", "--ttl", "31d"}, "30 days");
  expect({"--role", "admin", "--ttl", "-1"}, "give one as 90s");
  expect({"--role", "admin", "--subject", ""}, "--subject");
  expect({"revoke"}, "one of --id, --subject and --all is needed");
  expect({"revoke", "--id", "x", "--all"}, "one of --id, --subject and --all is needed");
  expect({"rotate", "--overlap", "90d"}, "give 30d at most");
}

// The value of the answer's Set-Cookie, as a browser sends it back.
std::string cookie_of(const http::RawReply& reply) {
  const std::string set = reply.field("Set-Cookie");
  return "Cookie: " + set.substr(0, set.find(';')) + "\r\n";
}

http::RawReply log_in(std::uint16_t port, const std::string& link) {
  const std::string body = "{\"code\": \"" + link.substr(link.find('#') + 1) + "\"}";
  return http::RawClient(port).ask(
      "POST /session HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
      "Content-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body);
}

http::RawReply get(std::uint16_t port, const std::string& path, const std::string& fields) {
  return http::RawClient(port).ask("GET " + path + " HTTP/1.1\r\nHost: here\r\n" + fields + "\r\n");
}

TEST_F(IdentityTest, AFirstStartPrintsAnAddressThatLogsInOnce) {
  const RunOptions here{.cwd = folder_->path()};
  const std::vector<std::string> arguments = {"serve", "--model", "card=model", "--port", "0", "--state", "sessions"};
  std::string cookie;
  {
    Background server(arguments, here);
    ASSERT_TRUE(server.wait_for_line("\"started\"")) << server.err();
    const std::string text = server.out();
    const auto at = text.find("/login#");
    ASSERT_NE(at, std::string::npos) << text;
    const std::string link = text.substr(at, text.find('\n', at) - at);
    const std::uint16_t port = port_of(text);
    const auto reply = log_in(port, link);
    EXPECT_EQ(reply.status, 200) << reply.body;
    cookie = cookie_of(reply);
    EXPECT_EQ(log_in(port, link).status, 401) << "once";
    EXPECT_EQ(get(port, "/admin/status", cookie).status, 200);
    const Outcome another = run_vigie({"token", "link", "--role", "viewer", "--subject", "ana", "--state", "sessions",
                                       "--url", "https://vigie.bank.example"},
                                      here);
    EXPECT_THAT(another.out, StartsWith("https://vigie.bank.example/login#"));
    EXPECT_THAT(another.err, HasSubstr("logs ana in as viewer"));
    const auto ana = log_in(port, another.out.substr(0, another.out.size() - 1));
    EXPECT_THAT(get(port, "/session", cookie_of(ana)).body,
                HasSubstr(R"({"authenticated": true, "subject": "ana", "role": "viewer")"));
    EXPECT_THAT(server.err(), HasSubstr(R"("event.action": "login")"));
    EXPECT_THAT(server.err(), Not(HasSubstr(link.substr(10))));
  }
  Background again(arguments, here);
  ASSERT_TRUE(again.wait_for_line("\"started\"")) << again.err();
  EXPECT_THAT(again.out(), Not(HasSubstr("/login#")));
  EXPECT_THAT(again.out(), HasSubstr("token link --state 'sessions' --url http://127.0.0.1:")) << "how to get another";
  EXPECT_EQ(get(port_of(again.out()), "/admin/status", cookie).status, 200) << "a restart keeps sessions";
}

TEST_F(IdentityTest, AdministratorsSeeTheSettingsInEffectAndNoSecret) {
  const RunOptions here{.cwd = folder_->path(), .env = {{"VIGIE_OIDC_CLIENT_SECRET", "topsecret"}}};
  write_text(*folder_ / "admin.yaml",
             "server: {port: 0, state: admin, rate_limit: {rules: [\"predict analyst 2/1h\"]}}\n"
             "models: {card: model}\n");
  const Outcome made = run_vigie({"token", "--role", "admin", "--state", "admin"}, here);
  const std::string admin = "Authorization: Bearer " + made.out.substr(0, made.out.find('\n')) + "\r\n";
  Background server({"serve", "--config", "admin.yaml"}, here);
  ASSERT_TRUE(server.wait_for_line("\"started\"")) << server.err();
  const std::uint16_t port = port_of(server.out());
  const auto config = [&] { return boost::json::parse(get(port, "/admin/config", admin).body); };
  EXPECT_EQ(config().at_pointer("/models/card/value"), "model");
  EXPECT_EQ(config().at_pointer("/server/rate_limit/rules/value/0"), "predict analyst 2/1h");
  EXPECT_EQ(config().at_pointer("/oidc/0/client_secret/value"), "********");
  EXPECT_THAT(boost::json::serialize(config()), Not(HasSubstr("topsecret")));

  write_text(*folder_ / "admin.yaml",
             "server: {port: 0, state: admin, cors: {origins: [\"https://bank.example\"]}}\nmodels: {card: model}\n");
  server.send(SIGHUP);
  ASSERT_TRUE(server.wait_for_line("\"reloaded\""));
  EXPECT_EQ(config().at_pointer("/server/cors/origins/value/0"), "https://bank.example") << "live";
  EXPECT_EQ(config().at_pointer("/server/rate_limit/rules/value/0"), "predict analyst 2/1h") << "wants a restart";
}

TEST_F(IdentityTest, SettingsThatCannotBeMeantAreToldBeforeItStarts) {
  const RunOptions here{.cwd = folder_->path()};
  const auto refuse = [&](const std::string& yaml, const std::string& words) {
    write_text(*folder_ / "wrong.yaml", "server: {port: 0, state: wrong, " + yaml + "}\nmodels: {card: model}\n");
    const Outcome outcome = run_vigie({"serve", "--config", "wrong.yaml"}, here);
    EXPECT_EQ(outcome.exit_code, 2) << yaml;
    EXPECT_THAT(outcome.err, HasSubstr(words)) << yaml;
  };
  refuse("rate_limit: {rules: [\"predict analyst often\"]}", "server.rate_limit.rules: the value is not a list of");
  refuse("rate_limit: {rules: [\"nowhere analyst 6/1m\"]}", "server.rate_limit.rules: the value is not a list of");
  refuse("rate_limit: {address: fast}", "server.rate_limit.address: the value is not a limit");
  refuse("public_url: \"https://vigie.example/\"", "server.public_url: the value is not a URL without a path");
  refuse("public_url: \"ftp://vigie.example\"", "server.public_url");
  refuse("admin_networks: [everywhere]", "server.admin_networks: the value is not a list of addresses");
}

}  // namespace
}  // namespace vigie::tests
