// One connection to a Redis or Valkey server, for one thread at a time.
//
//   auto connection = VIGIE_TRY(RedisConnection::open({.host = "history.internal", .password = password}));
//   const RedisReply reply = VIGIE_TRY(connection->call(std::array<std::string_view, 2>{"GET", key}));
//
// A call is one write and, as long as the answer fits in 32 kB, one read. Nothing here logs, and no error has the
// password. No TLS: Debian 12's hiredis has none (docs/history.md).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

// NOLINTBEGIN(readability-identifier-naming): hiredis's names
struct redisContext;
struct redisReply;
// NOLINTEND(readability-identifier-naming)

namespace vigie::history {

struct RedisEndpoint {
  std::string host = "127.0.0.1";
  std::uint16_t port = 6379;
  std::string path{};  // of a Unix socket, instead of host and port
  std::string user{};  // with a password; empty: the server's default user
  std::string password{};
  std::uint32_t database = 0;
  std::chrono::milliseconds connect{500};  // at most, for each address that the host has
  std::chrono::milliseconds answer{500};   // at most, for one write or read; a call takes twice that at most
  std::chrono::milliseconds pause{5'000};  // at most, between two attempts while the server is away
};

// "127.0.0.1:6379", or the path.
std::string address_of(const RedisEndpoint& endpoint);

struct FreeRedisReply {
  void operator()(redisReply* reply) const;
};
using RedisReply = std::unique_ptr<redisReply, FreeRedisReply>;

class RedisConnection {
 public:
  // Connected, logged in, with its database selected. kUnavailable where nobody answers, kPermissionDenied for a user
  // or password that is not the server's.
  static Result<std::unique_ptr<RedisConnection>> open(const RedisEndpoint& endpoint);

  // The answer, which may be an error of the server's: see error_of(). kUnavailable where none came in time; the server
  // may have done what it was asked to then.
  Result<RedisReply> call(std::span<const std::string_view> words);

  // What the server said instead of an answer, with the code that fits; nothing for an answer.
  std::optional<Error> error_of(const redisReply& reply) const;
  Error error(Code code, std::string message, std::string remedy) const;  // of this server

  // Whether a call has failed, or found a replica, which is for good: whoever is the primary now is met by connecting
  // anew.
  bool has_failed() const { return failed_; }
  // Whether the server hung up, or sent something unasked, since the last call.
  bool is_stale() const;

 private:
  struct CloseContext {
    void operator()(redisContext* context) const;
  };
  RedisConnection(const RedisEndpoint& endpoint, std::unique_ptr<redisContext, CloseContext> context);
  Status log_in(const RedisEndpoint& endpoint);
  Status write(std::string_view bytes, std::chrono::steady_clock::time_point end) const;
  Result<RedisReply> read(std::chrono::steady_clock::time_point end);
  std::unexpected<Error> no_answer() const;
  std::unexpected<Error> lost(std::string message) const;

  std::string address_;
  std::chrono::milliseconds answer_;
  std::unique_ptr<redisContext, CloseContext> context_;
  bool failed_ = false;
  std::array<char, std::size_t{1} << 15> buffer_;
};

}  // namespace vigie::history
