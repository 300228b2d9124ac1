#include "history/redis_process.h"

#include <arpa/inet.h>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

#include "base/number.h"

namespace vigie::history {
namespace {

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "redis_process: %s\n", why.c_str());
  std::abort();
}

std::uint16_t free_port() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ::sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<::sockaddr*>(&address);
  if (::bind(listener, any, size) != 0 || ::getsockname(listener, any, &size) != 0) give_up("there is no free port");
  ::close(listener);
  return ntohs(address.sin_port);
}

std::string text_of(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_INTEGER) return std::to_string(reply.integer);
  return reply.str == nullptr ? "" : std::string(reply.str, reply.len);
}

}  // namespace

std::optional<std::string> RedisProcess::program() {
  const char* const path = std::getenv("PATH");
  std::string_view folders = path == nullptr ? "" : path;
  while (!folders.empty()) {
    const std::filesystem::path folder(folders.substr(0, folders.find(':')));
    for (const char* const name : {"redis-server", "valkey-server"}) {
      if (::access((folder / name).c_str(), X_OK) == 0) return (folder / name).string();
    }
    folders.remove_prefix(std::min(folders.size(), folder.native().size() + 1));
  }
  return std::nullopt;
}

RedisProcess::RedisProcess(std::vector<std::string> arguments, Listen listen) {
  arguments_ = {*program(),  "--dir", folder_.path().string(), "--save", "", "--port", "0", "--bind", "127.0.0.1",
                "--logfile", "log",   "--databases",           "4"};
  // Of a machine that is busy with other tests.
  endpoint_.connect = endpoint_.answer = std::chrono::seconds(10);
  if (listen == Listen::kPort) {
    endpoint_.port = free_port();
    arguments_[6] = std::to_string(endpoint_.port);
  } else {
    endpoint_.path = folder_.path() / "socket";
    arguments_.insert(arguments_.end(), {"--unixsocket", endpoint_.path});
  }
  arguments_.insert(arguments_.end(), arguments.begin(), arguments.end());
  start();
}

RedisProcess::~RedisProcess() { kill(SIGKILL); }

void RedisProcess::start() {
  std::vector<char*> words;
  for (std::string& argument : arguments_) words.push_back(argument.data());
  words.push_back(nullptr);
  process_ = ::fork();
  if (process_ < 0) give_up("fork failed");
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::execv(words[0], words.data());
    ::_exit(127);
  }
  for (int i = 0; i < 1'000; ++i) {
    if (auto connection = RedisConnection::open(endpoint_)) {
      const auto reply = (*connection)->call(std::vector<std::string_view>{"PING"});
      if (reply && text_of(**reply) == "PONG") return;
    } else if (connection.error().code == Code::kPermissionDenied) {
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  give_up(arguments_[0] + " does not answer");
}

void RedisProcess::kill(int signal) {
  if (process_ < 0) return;
  ::kill(process_, signal);
  if (signal == SIGSTOP || signal == SIGCONT) return;
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
  connection_.reset();
}

RedisConnection& RedisProcess::connection() {
  if (connection_ == nullptr) {
    auto connection = RedisConnection::open(endpoint_);
    if (!connection) give_up(connection.error().to_string());
    connection_ = std::move(*connection);
  }
  return *connection_;
}

std::string RedisProcess::ask(const std::vector<std::string_view>& words) {
  const auto reply = connection().call(words);
  if (!reply) give_up(reply.error().to_string());
  return text_of(**reply);
}

std::int64_t RedisProcess::info(std::string_view field, std::string_view part) {
  const std::string all = ask({"INFO", "everything"});
  std::size_t at = all.find("\n" + std::string(field) + ":");
  if (at != std::string::npos && !part.empty()) at = all.find(std::string(part) + "=", at);
  if (at == std::string::npos) return 0;
  const std::size_t from = all.find_first_of(part.empty() ? ":" : "=", at) + 1;
  return parse_int(std::string_view(all).substr(from, all.find_first_of(",\r", from) - from)).value_or(-1);
}

}  // namespace vigie::history
