// Tokens for tests: a local issuer, and services that let its tokens in.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
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
        {{.policy = {.issuer = local_->issuer(), .audiences = {"vigie"}}, .keys = local_, .revocations = local_}});
    EXPECT_TRUE(verifier);
    authenticator_ = std::make_shared<identity::Authenticator>(
        std::move(*verifier), *identity::KeyedHash::draw(),
        identity::Authenticator::Options{.generation = [local = local_] { return local->generation(); }});
  }
  ~LocalIssuerFixture() {
    local_.reset();
    std::filesystem::remove_all(state_);
  }

  // With a throttle that locks out after five bad tokens, and lets a subject ask so often.
  Services services(std::optional<identity::RateLimit> limit = {}) const {
    Services services;
    auto throttle = identity::Throttle::open({.state = state_, .lockout = {.failures = 5}, .subject = limit});
    EXPECT_TRUE(throttle);
    services.throttle = *throttle;
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
  void revoke(const std::string& id) const {
    const std::uint64_t before = local_->generation();
    ASSERT_TRUE(identity::Revocations::revoke_id(state_, id, system_clock().now()));
    for (int i = 0; i < 5000 && local_->generation() == before; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

 private:
  std::string state_;
  std::shared_ptr<identity::LocalIssuer> local_;
  std::shared_ptr<identity::Authenticator> authenticator_;
};

}  // namespace vigie::api
