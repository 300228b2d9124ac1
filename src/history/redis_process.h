// A Redis (or Valkey) server of a test's own in a scratch folder, gone with the object. Tests are skipped without one:
//
//   if (!RedisProcess::program()) GTEST_SKIP() << RedisProcess::kAbsent;
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "history/redis_connection.h"
#include "history/scratch_folder.h"

namespace vigie::history {

class RedisProcess {
 public:
  static constexpr const char* kAbsent = "neither redis-server nor valkey-server is there: tools/setup installs one";
  static std::optional<std::string> program();

  enum class Listen : std::uint8_t { kSocket, kPort };  // a Unix socket in the folder, or a port that is free
  // Started and answering; ends the program where that does not come about. `arguments` are redis-server's.
  explicit RedisProcess(std::vector<std::string> arguments = {}, Listen listen = Listen::kSocket);
  RedisProcess(const RedisProcess&) = delete;
  RedisProcess& operator=(const RedisProcess&) = delete;
  ~RedisProcess();

  void start();
  void kill(int signal);  // SIGTERM, SIGKILL: waits for its end; SIGSTOP and SIGCONT do not end it

  RedisEndpoint endpoint() const { return endpoint_; }
  // A connection as the default user without a password.
  RedisConnection& connection();
  // What the server answers, as text; numbers in decimal, nothing as "".
  std::string ask(const std::vector<std::string_view>& words);
  // A number of INFO: a field's, or that of a part of one ("cmdstat_get", "calls"); 0 for what is not there.
  std::int64_t info(std::string_view field, std::string_view part = {});

 private:
  ScratchFolder folder_;
  std::vector<std::string> arguments_;
  RedisEndpoint endpoint_;
  std::unique_ptr<RedisConnection> connection_;
  ::pid_t process_ = -1;
};

}  // namespace vigie::history
