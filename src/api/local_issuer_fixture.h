// Tokens for tests: a local issuer, and services that let its tokens in.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "api/api.h"

namespace vigie::api {

// A local issuer in a folder of its own.
class LocalIssuerFixture {
 public:
  LocalIssuerFixture() {
    std::string pattern = testing::TempDir() + "vigie-access-XXXXXX";
    state_ = ::mkdtemp(pattern.data());
    auto issuer = identity::LocalIssuer::open(
        {.state = state_, .issuer = "http://localhost:8080", .period = std::chrono::milliseconds(2)});
    EXPECT_TRUE(issuer);
    local_ = *issuer;
    auto verifier = identity::Verifier::make(
        {{.policy = {.issuer = local_->issuer(), .audiences = {"vigie", std::string(identity::kSessionAudience)}},
          .keys = local_,
          .revocations = local_}});
    EXPECT_TRUE(verifier);
    authenticator_ = std::make_shared<identity::Authenticator>(
        std::move(*verifier), *KeyedHash::draw(),
        identity::Authenticator::Options{.generation = [local = local_] { return local->generation(); }});
  }
  ~LocalIssuerFixture() {
    local_.reset();
    std::filesystem::remove_all(state_);
  }

  // With a throttle that locks out after five bad tokens, and lets subjects ask as often as the rules say; with
  // sessions, and an audit log in the state folder.
  Services services(const std::vector<const char*>& rules = {}, const char* address_limit = nullptr,
                    std::shared_ptr<ProviderLogin> provider = {}) const {
    Services services;
    identity::ThrottleOptions limits{.state = state_, .lockout = {.failures = 5}};
    for (const char* const rule : rules) limits.rules.push_back(*identity::parse_rate_rule(rule));
    if (address_limit != nullptr) limits.address = *identity::parse_rate_limit(address_limit);
    auto throttle = identity::Throttle::open(std::move(limits));
    EXPECT_TRUE(throttle);
    services.throttle = *throttle;
    auto audit = identity::AuditLog::open({.to = audit_file()});
    EXPECT_TRUE(audit);
    services.audit = *audit;
    services.sessions = std::make_shared<const Sessions>(
        Sessions{.issuer = local_,
                 .by_code = provider == nullptr,
                 .provider = provider,
                 .audit = *audit,
                 .on_failure = [this](const Error& error) { failures_.push_back(error.to_string()); }});
    services.admin_networks = *http::Networks::parse(std::vector<std::string>{"192.0.2.0/24"}, "admin_networks");
    services.config = [] { return R"({"server": {"port": {"value": 8080}}})"; };
    services.authenticator = authenticator_;
    services.local_issuer = local_;
    return services;
  }
  identity::IssuedToken issue(identity::Role role, std::chrono::seconds life = std::chrono::hours(1)) const {
    const WallTime now = system_clock().now();
    auto keys = identity::LocalKeys::read(state_);
    auto token = keys->issue({.subject = "ana", .role = role, .life = life}, now);
    EXPECT_TRUE(token);
    return *token;
  }
  // What the audit log holds, once there are `count` events.
  std::vector<boost::json::object> audit_events(std::size_t count) const {
    std::vector<boost::json::object> events;
    for (int turn = 0; turn < 2000 && events.size() < count; ++turn) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      events.clear();
      std::ifstream file(audit_file());
      for (std::string line; std::getline(file, line);) {
        boost::system::error_code error;
        const auto event = boost::json::parse(line, error);
        if (!error) events.push_back(event.as_object());  // the last line may not be whole yet
      }
    }
    return events;
  }
  std::string audit_file() const { return state_ + "/audit.log"; }
  const std::string& state() const { return state_; }
  // A code that logs in once.
  std::string login_code(identity::Role role) const {
    auto code = identity::LoginCodes::add(state_, {.subject = "ana", .role = role}, system_clock().now());
    EXPECT_TRUE(code);
    return *code;
  }
  void revoke(const std::string& id) const {
    const std::uint64_t before = local_->generation();
    ASSERT_TRUE(identity::Revocations::revoke_id(state_, id, system_clock().now()));
    for (int i = 0; i < 5000 && local_->generation() == before; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

 protected:
  mutable std::vector<std::string> failures_;  // that the operator was told

 private:
  std::string state_;
  std::shared_ptr<identity::LocalIssuer> local_;
  std::shared_ptr<identity::Authenticator> authenticator_;
};

}  // namespace vigie::api
