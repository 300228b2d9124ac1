// Counts the instructions that a running program executes in user mode, by stepping through them: slow (microseconds
// each), exact, and blind to nothing that the CPU can do, where hardware counters are hidden and simulators stop at
// AVX2.
//
//   vigie_instruction_steps PID SECONDS       prints the number of all its threads together, and ends the program
//
// System calls count as one. Linux, x86-64; needs the right to trace the process.
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

namespace {

[[noreturn]] void give_up(const char* doing) {
  std::fprintf(stderr, "vigie_instruction_steps: cannot %s: %s\n", doing, std::strerror(errno));
  std::exit(1);
}

long trace(int request, pid_t thread, long data = 0) {
  return ::ptrace(static_cast<__ptrace_request>(request), thread, nullptr, data);
}

volatile sig_atomic_t time_is_up = 0;

// Steps through all that runs, until the time is up.
std::uint64_t count_steps(unsigned seconds) {
  struct sigaction action{};
  action.sa_handler = [](int) { time_is_up = 1; };
  ::sigaction(SIGALRM, &action, nullptr);  // waitpid() does not go on behind it
  ::alarm(seconds);
  std::uint64_t steps = 0;
  while (time_is_up == 0) {
    int status = 0;
    const pid_t thread = ::waitpid(-1, &status, __WALL);
    if (thread < 0 && errno == EINTR) continue;
    if (thread < 0) give_up("wait for the process");
    if (!WIFSTOPPED(status)) continue;
    const int signal = WSTOPSIG(status);
    const bool traced = signal == SIGTRAP;  // a step, or the stop that was asked for
    if (traced && status >> 16 == 0) ++steps;
    trace(PTRACE_SINGLESTEP, thread, traced ? 0 : signal);
  }
  return steps;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: vigie_instruction_steps PID SECONDS\n");
    return 2;
  }
  bool traced = false;
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::string(argv[1]) + "/task", error)) {
    const auto thread = static_cast<pid_t>(std::atoi(task.path().filename().c_str()));
    if (trace(PTRACE_SEIZE, thread, PTRACE_O_EXITKILL) != 0) give_up("trace the process");
    if (trace(PTRACE_INTERRUPT, thread) != 0) give_up("stop a thread");
    traced = true;
  }
  if (!traced) {
    std::fprintf(stderr, "vigie_instruction_steps: there is no process %s\n", argv[1]);
    return 1;
  }
  std::printf("%llu\n", static_cast<unsigned long long>(count_steps(static_cast<unsigned>(std::atoi(argv[2])))));
  return 0;  // and what was traced ends with it
}
