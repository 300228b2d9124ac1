#include "program.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <thread>

extern char** environ;

namespace vigie::tests {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;
constexpr std::chrono::milliseconds kPoll{5};
constexpr std::chrono::seconds kPatience{20};  // how long a stopped program may take to end

[[noreturn]] void give_up(const std::string& doing) { throw std::system_error(errno, std::generic_category(), doing); }

std::vector<std::string> merged_environment(const std::vector<std::pair<std::string, std::string>>& extra) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto same_name = [&](const auto& pair) { return text.starts_with(pair.first + "="); };
    if (std::none_of(extra.begin(), extra.end(), same_name)) merged.emplace_back(text);
  }
  for (const auto& [name, value] : extra) merged.push_back(name + "=" + value);
  return merged;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (auto& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

// Starts the program with stdin, stdout and stderr on files of `streams`. Between fork and exec only calls that are
// safe after a fork in a threaded process.
pid_t start(std::vector<std::string> command, const RunOptions& options, const std::filesystem::path& cwd,
            const std::filesystem::path& streams) {
  write_text(streams / "in", options.input);
  std::vector<std::string> environment = merged_environment(options.env);
  const std::vector<char*> argv = pointers(command);
  const std::vector<char*> envp = pointers(environment);
  const std::array<std::string, 3> names = {streams / "in", streams / "out", streams / "err"};
  const pid_t pid = ::fork();
  if (pid < 0) give_up("fork");
  if (pid > 0) return pid;

  for (int stream = 0; stream < 3; ++stream) {
    const int flags = stream == 0 ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC | O_APPEND;
    const int file = ::open(names[static_cast<std::size_t>(stream)].c_str(), flags, 0600);
    if (file < 0 || ::dup2(file, stream) < 0) ::_exit(126);
    ::close(file);
  }
  if (::chdir(cwd.c_str()) != 0) ::_exit(126);
  if (options.file_size_limit) {
    // As on a full disk a write then fails, instead of a signal ending the program.
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{*options.file_size_limit, *options.file_size_limit};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(126);
  }
  environ = const_cast<char**>(envp.data());
  ::execvp(argv.front(), argv.data());
  ::_exit(127);
}

// How the program ended, once it has; the caller adds its output.
std::optional<Outcome> reap(pid_t pid) {
  int status = 0;
  rusage usage{};
  const pid_t ended = ::wait4(pid, &status, WNOHANG, &usage);
  if (ended == 0) return std::nullopt;
  if (ended < 0) give_up("wait4");
  Outcome outcome;
  if (WIFEXITED(status)) outcome.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  outcome.peak_kib = static_cast<std::uint64_t>(usage.ru_maxrss);
  return outcome;
}

std::optional<Outcome> reap_until(pid_t pid, SteadyTime deadline) {
  for (;;) {
    if (auto outcome = reap(pid)) return outcome;
    if (std::chrono::steady_clock::now() >= deadline) return std::nullopt;
    std::this_thread::sleep_for(kPoll);
  }
}

Outcome kill_and_reap(pid_t pid) {
  ::kill(pid, SIGKILL);
  for (;;) {
    if (auto outcome = reap(pid)) return *outcome;
    std::this_thread::sleep_for(kPoll);
  }
}

std::string text_or_empty(const std::filesystem::path& path) {
  return std::filesystem::exists(path) ? read_text(path) : std::string();
}

std::optional<std::string> line_with(std::string_view output, std::string_view text) {
  while (!output.empty()) {
    const auto end = output.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const auto line = output.substr(0, end);
    if (line.find(text) != std::string_view::npos) return std::string(line);
    output.remove_prefix(end + 1);
  }
  return std::nullopt;
}

std::vector<std::string> vigie_command(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {VIGIE_PROGRAM};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

}  // namespace

TempFolder::TempFolder() {
  std::string pattern = std::filesystem::temp_directory_path() / "vigie-test-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) give_up("mkdtemp");
  path_ = pattern;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::vector<std::string> TempFolder::names() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_text(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) throw std::runtime_error("cannot write " + path.string());
}

Outcome run_program(const std::vector<std::string>& command, const RunOptions& options) {
  const TempFolder streams;
  std::optional<TempFolder> own_cwd;
  if (options.cwd.empty()) own_cwd.emplace();
  const pid_t pid = start(command, options, own_cwd ? own_cwd->path() : options.cwd, streams.path());
  auto ended = reap_until(pid, std::chrono::steady_clock::now() + options.timeout);
  Outcome outcome = ended ? *ended : kill_and_reap(pid);
  outcome.timed_out = !ended;
  outcome.out = text_or_empty(streams / "out");
  outcome.err = text_or_empty(streams / "err");
  return outcome;
}

Outcome run_vigie(const std::vector<std::string>& arguments, const RunOptions& options) {
  return run_program(vigie_command(arguments), options);
}

Background::Background(const std::vector<std::string>& arguments, RunOptions options) : options_(std::move(options)) {
  std::filesystem::path cwd = options_.cwd;
  if (cwd.empty()) {
    cwd = folder_ / "cwd";
    std::filesystem::create_directory(cwd);
  }
  pid_ = start(vigie_command(arguments), options_, cwd, folder_.path());
}

Background::~Background() {
  if (!ended_) kill_and_reap(pid_);
}

std::optional<std::string> Background::wait_for_line(std::string_view text) {
  const auto deadline = std::chrono::steady_clock::now() + options_.timeout;
  for (;;) {
    const bool last_look = !running() || std::chrono::steady_clock::now() >= deadline;
    for (const std::string& output : {out(), err()}) {
      if (auto line = line_with(output, text)) return line;
    }
    if (last_look) return std::nullopt;
    std::this_thread::sleep_for(kPoll);
  }
}

bool Background::running() {
  if (!ended_) ended_ = reap(pid_);
  return !ended_;
}

std::string Background::out() const { return text_or_empty(folder_ / "out"); }
std::string Background::err() const { return text_or_empty(folder_ / "err"); }

void Background::send(int signal) {
  if (running()) ::kill(pid_, signal);
}

Outcome Background::stop() {
  if (running()) {
    ::kill(pid_, SIGTERM);
    ended_ = reap_until(pid_, std::chrono::steady_clock::now() + kPatience);
    if (!ended_) {
      ended_ = kill_and_reap(pid_);
      ended_->timed_out = true;
    }
  }
  ended_->out = out();
  ended_->err = err();
  return *ended_;
}

}  // namespace vigie::tests
