// A history that several servers share: its past is in a Redis or Valkey server, and each gives the bits that one
// EmbeddedHistory would have given to all of them.
//
//   auto history = VIGIE_TRY(RedisHistory::open({.endpoint = {.host = "history.internal", .password = password}}));
//   history->observe(history->keys().event(transaction), now, row);   // one round trip
//
// All servers give the same options. Each call is one script or command that Redis runs as one step; what survives is
// what Redis is told to keep. Where Redis is away every call says kUnavailable, soon, and the next one looks again:
// docs/history.md.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/keyed_hash.h"
#include "history/event_keys.h"
#include "history/history.h"
#include "history/redis_pool.h"
#include "history/redis_record.h"
#include "history/redis_scripts.h"

namespace vigie::history {

class RedisHistory final : public History {
 public:
  struct Options {
    RedisEndpoint endpoint{};
    std::string prefix = "vigie";  // of all keys: 1 to 64 letters, digits, '.', '_', '-' and ':'
    std::int64_t late = kDay;      // as in Bounds
    std::int64_t ahead = 5 * 60;
    // Of the keys of names. Where none is given, the first server draws one and keeps it in Redis.
    std::optional<KeyedHash::Secret> secret{};
  };

  // Begins the history in Redis where there is none. kUnavailable, kPermissionDenied as RedisConnection::open();
  // kFailedPrecondition where the history has another secret, kInvalidData where its record of it is none.
  static Result<std::unique_ptr<RedisHistory>> open(const Options& options);

  // The same on all servers.
  const EventKeys& keys() const { return event_keys_; }

  // As History says, and the failures of Redis: kUnavailable (the event may be counted then: sent again it is a
  // duplicate, with the same features), kInvalidData for a record that is none, kResourceExhausted for a full Redis.
  // `out` is not filled then.
  Result<Outcome> observe(const domain::Event& event, std::int64_t now, FeatureRow out) override;
  Status read(const domain::Event& event, FeatureRow out) const override;
  Result<LabelOutcome> label(const domain::Label& label) override;
  // Gone from Redis's memory at once, from its files when it rewrites them.
  Result<bool> forget(std::uint64_t client) override;

 private:
  struct Script {
    std::string text;
    std::string sha;  // by which Redis knows it
  };

  RedisHistory(const Options& options, const KeyedHash& hash);
  Status begin(RedisConnection& connection) const;
  Result<RedisReply> run(const Script& script, std::span<const std::string> keys,
                         std::span<const std::string> arguments) const;
  Result<RedisReply> run_on(RedisConnection& connection, const Script& script, std::span<const std::string> keys,
                            std::span<const std::string> arguments) const;
  Error refused(Refusal refusal, std::span<const std::string> keys) const;
  Error malformed(std::string message, const std::string& key) const;
  std::vector<std::string> keys_of(const domain::Event& event) const;
  Status write_features(const domain::Event& event, const redisReply& reply, std::span<const std::string> keys,
                        FeatureRow out) const;

  std::string address_;
  std::int64_t late_;
  EventKeys event_keys_;
  std::string setup_;        // as it is in Redis
  std::string fingerprint_;  // as the scripts take it
  RedisKeys keys_;
  Script observe_;
  Script read_;
  Script label_;
  Script forget_;
  std::unique_ptr<RedisPool> pool_;
};

}  // namespace vigie::history
