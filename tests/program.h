// Runs the real vigie binary, as a user would, for whole-program tests.
//
//   TempFolder folder;
//   const Outcome made = run_vigie({"data", "simulate", "card", "--out", "card.csv"}, {.cwd = folder.path()});
//   EXPECT_EQ(made.exit_code, 0) << made.err;
//
//   Background server({"serve", "--port", "0", ...}, {.cwd = folder.path()});
//   const auto line = server.wait_for_line("http://");      // its first line of output that contains the text
//   server.stop();                                          // SIGTERM, then SIGKILL; also done by the destructor
//
// Output goes to files, so a chatty program never blocks on a full pipe. A program that outlives its time is killed and
// says so in `timed_out`: no test hangs.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vigie::tests {

// A fresh folder under the system's temporary one, removed with everything in it.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  // The names in the folder, sorted; what a failed command must not have added to.
  std::vector<std::string> names() const;

 private:
  std::filesystem::path path_;
};

// Whole files; a failure to read or write ends the test program, for it is the machine's.
std::string read_text(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, std::string_view bytes);

struct RunOptions {
  std::filesystem::path cwd{};                             // empty: a fresh folder that goes with the run
  std::vector<std::pair<std::string, std::string>> env{};  // set on top of this process's environment
  std::string input{};                                     // what the program reads on stdin
  std::chrono::seconds timeout{120};
  std::optional<std::uint64_t> file_size_limit{};  // bytes a file may grow to, as a full disk would have it
};

struct Outcome {
  int exit_code = -1;  // -1 where a signal ended it
  int signal = 0;
  bool timed_out = false;
  std::string out;
  std::string err;
  std::uint64_t peak_kib = 0;  // largest resident size
};

Outcome run_vigie(const std::vector<std::string>& arguments, const RunOptions& options = {});
// Any other program, found on PATH.
Outcome run_program(const std::vector<std::string>& command, const RunOptions& options = {});

// A program left running. options.timeout bounds each wait, not its life.
class Background {
 public:
  explicit Background(const std::vector<std::string>& arguments, RunOptions options = {});
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // The first complete line of stdout or stderr that contains `text`; nothing when the program ended or the time ran
  // out before one came.
  std::optional<std::string> wait_for_line(std::string_view text);
  pid_t pid() const { return pid_; }
  bool running();
  std::string out() const;
  std::string err() const;

  void send(int signal);
  // Asks it to end, waits, and kills it when it does not.
  Outcome stop();

 private:
  RunOptions options_;
  TempFolder folder_;
  pid_t pid_ = -1;
  std::optional<Outcome> ended_;
};

}  // namespace vigie::tests
