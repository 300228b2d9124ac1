#include "cli/command_output.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>

namespace vigie::cli {
namespace {

using Deadline = std::chrono::steady_clock::time_point;
constexpr std::chrono::milliseconds kPoll{5};

class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) ends_ = {-1, -1};
  }
  ~Pipe() {
    close(0);
    close(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int end(std::size_t which) const { return ends_[which]; }  // 0 reads, 1 writes
  void close(std::size_t which) {
    if (ends_[which] >= 0) ::close(std::exchange(ends_[which], -1));
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

// How the program starts: a group of its own, so that all of it can be killed, and none of the signals and files that
// this process has arranged for itself.
class SpawnPlan {
 public:
  explicit SpawnPlan(int output) {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_addopen(&files_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1);
    ::posix_spawnattr_init(&attributes_);
    sigset_t signals;
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    ::sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnPlan() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&files_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  // 0, or an errno.
  int start(const std::vector<std::string>& words, pid_t& pid) const {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    return ::posix_spawnp(&pid, arguments[0], &files_, &attributes_, arguments.data(), environ);
  }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

// A running program and all that it has started; killed when nobody has waited for its end.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (pid_ < 0) return;
    ::kill(-pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // As waitpid tells it; nothing where the time is over first.
  std::optional<int> wait(Deadline until) {
    for (;;) {
      int status = 0;
      const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
      if (ended == pid_) {
        pid_ = -1;
        return status;
      }
      if (std::chrono::steady_clock::now() >= until) return std::nullopt;
      std::this_thread::sleep_for(kPoll);
    }
  }

 private:
  pid_t pid_;
};

enum class End : std::uint8_t { kAll, kTooMuch, kTooLate };

End read_until(int descriptor, Deadline until, std::size_t most_bytes, std::string& out) {
  std::array<char, 4096> buffer;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return End::kTooLate;
    pollfd ready{.fd = descriptor, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, static_cast<int>(left.count())) <= 0) continue;
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return End::kAll;
    out.append(buffer.data(), static_cast<std::size_t>(got));
    if (out.size() > most_bytes) return End::kTooMuch;
  }
}

}  // namespace

Result<std::string> command_output(const std::vector<std::string>& words, std::chrono::milliseconds time,
                                   std::size_t most_bytes) {
  const std::string& program = words.front();
  const auto failed = [&](std::string message, std::string remedy) {
    return fail(Code::kUnavailable, program + ": " + std::move(message), {}, std::move(remedy));
  };
  const Deadline until = std::chrono::steady_clock::now() + time;
  Pipe pipe;
  if (pipe.end(0) < 0) return failed(std::string("cannot make a pipe: ") + std::strerror(errno), "try again");
  pid_t pid = -1;
  if (const int error = SpawnPlan(pipe.end(1)).start(words, pid); error != 0) {
    return failed(std::string("cannot be started: ") + std::strerror(error),
                  "give a program on PATH, or its whole path, then its arguments");
  }
  Child child(pid);
  pipe.close(1);
  std::string out;
  const End end = read_until(pipe.end(0), until, most_bytes, out);
  if (end == End::kTooMuch) {
    return failed("printed more than " + std::to_string(most_bytes) + " bytes", "let it print the value alone");
  }
  const auto status = end == End::kAll ? child.wait(until) : std::nullopt;
  if (!status) {
    return failed("had not ended after " + std::to_string(time.count()) + " ms, and was killed",
                  "run it yourself to see what it waits for; its stdin is empty");
  }
  const std::string look = "run it yourself, as the user that vigie runs as, to see what it says";
  if (WIFSIGNALED(*status)) return failed("was ended by signal " + std::to_string(WTERMSIG(*status)), look);
  if (WEXITSTATUS(*status) != 0) return failed("ended with status " + std::to_string(WEXITSTATUS(*status)), look);
  return out;
}

}  // namespace vigie::cli
