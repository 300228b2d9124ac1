#include "cli/session.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "cli/progress_bar.h"

namespace vigie::cli {
namespace {

std::unique_ptr<Progress> progress_for_stderr() {
  const char* const terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::strcmp(terminal, "dumb") == 0;
  if (::isatty(STDERR_FILENO) == 0 || dumb) return make_progress_lines(stderr);
  winsize size{};
  const int columns = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
  return make_progress_bar(stderr, columns);
}

void put_line(std::FILE* out, std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), out);
  std::fputc('\n', out);
  std::fflush(out);
}

}  // namespace

Session::Session() = default;
Session::~Session() = default;

Progress& Session::progress() {
  if (quiet_ || json_) return no_progress();
  if (!progress_) progress_ = progress_for_stderr();
  return *progress_;
}

void Session::print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written && exit_code_ == 0) {
    finish(fail(Code::kResourceExhausted, "cannot write the result to standard output", {}, "check where it goes"));
  }
}

void Session::note(std::string_view line) {
  if (!quiet_) put_line(stderr, line);
}

void Session::finish(const Status& status) {
  if (status) return;
  if (progress_) progress_->end();
  put_error(status.error().to_string());
  exit_code_ = status.error().code == Code::kInvalidArgument ? 2 : 1;
}

void put_error(std::string_view message) { put_line(stderr, "vigie: " + std::string(message)); }

void describe(CLI::App& command, std::string_view examples) { command.footer("\n" + std::string(examples)); }

void add_json_flag(CLI::App& command, Session& session) {
  command.add_flag_callback("--json", [&session] { session.set_json(); }, "print the result as JSON, and no progress");
}

}  // namespace vigie::cli
