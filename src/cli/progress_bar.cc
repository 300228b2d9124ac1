#include "cli/progress_bar.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>
#include <string>

#include "base/number.h"

namespace vigie::cli {
namespace {

using Monotonic = std::chrono::steady_clock;

std::string duration_text(double seconds) {
  if (seconds < 10) return fmt::format("{:.1f} s", seconds);
  if (seconds < 60) return fmt::format("{:.0f} s", seconds);
  const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

// What both renderings know about the running step. Guarded by its owner's mutex.
struct Step {
  std::string name;
  std::string unit;
  std::uint64_t total = 0;
  std::uint64_t done = 0;
  Monotonic::time_point started{};
  Monotonic::time_point shown{};

  double seconds() const { return std::chrono::duration<double>(Monotonic::now() - started).count(); }
  double rate() const { return static_cast<double>(done) / std::max(seconds(), 1e-9); }

  std::string amount() const { return with_unit(static_cast<double>(done), unit); }
  std::string rate_text() const { return with_unit(rate(), unit) + "/s"; }
  std::string left_text() const {
    if (total == 0 || done == 0 || done >= total) return {};
    return duration_text(static_cast<double>(total - done) / rate()) + " left";
  }
  std::string finished() const {
    std::string line = name;
    if (done > 0) line += ": " + amount();
    line += " in " + duration_text(seconds());
    if (done > 0) line += ", " + rate_text();
    return line;
  }
};

class Reporter : public Progress {
 public:
  explicit Reporter(std::FILE* out) : out_(out) {}

  void begin(std::string_view step, std::uint64_t total, std::string_view unit) override {
    const std::scoped_lock lock(mutex_);
    if (running_) show_end();
    running_ = true;
    const auto now = Monotonic::now();
    step_ = Step{
        .name = std::string(step), .unit = std::string(unit), .total = total, .done = 0, .started = now, .shown = now};
    show_begin();
  }

  void set_total(std::uint64_t total) override {
    const std::scoped_lock lock(mutex_);
    step_.total = total;
  }

  void advance_to(std::uint64_t done) override {
    const std::scoped_lock lock(mutex_);
    if (!running_) return;
    step_.done = std::max(step_.done, done);
    const auto now = Monotonic::now();
    if (now - step_.shown < period()) return;
    step_.shown = now;
    show_advance();
  }

  void end() override {
    const std::scoped_lock lock(mutex_);
    if (!running_) return;
    running_ = false;
    show_end();
  }

 protected:
  virtual Monotonic::duration period() const = 0;
  virtual void show_begin() = 0;
  virtual void show_advance() = 0;
  virtual void show_end() = 0;

  void put(const std::string& text) {
    std::fputs(text.c_str(), out_);
    std::fflush(out_);
  }

  Step step_;

 private:
  std::FILE* out_;
  std::mutex mutex_;
  bool running_ = false;
};

class Bar : public Reporter {
 public:
  Bar(std::FILE* out, int columns) : Reporter(out), columns_(static_cast<std::size_t>(std::clamp(columns, 40, 200))) {}
  ~Bar() override { end(); }

 private:
  Monotonic::duration period() const override { return std::chrono::milliseconds(100); }
  void show_begin() override { show_advance(); }

  void show_advance() override {
    std::string facts = step_.done > 0 ? fmt::format(" {}  {}", step_.amount(), step_.rate_text()) : std::string();
    if (const std::string left = step_.left_text(); !left.empty()) facts += "  " + left;
    std::string line = step_.name;
    constexpr std::size_t kBar = 24;
    if (step_.total > 0 && step_.name.size() + facts.size() + kBar + 10 < columns_) {
      const double share = std::min(1.0, static_cast<double>(step_.done) / static_cast<double>(step_.total));
      const auto filled = static_cast<std::size_t>(share * kBar);
      line += "  ";
      for (std::size_t i = 0; i < kBar; ++i) line += i < filled ? "█" : "░";
      line += fmt::format(" {:3.0f} %", share * 100);
    }
    put("\r\x1b[K" + line + facts);
  }

  void show_end() override { put("\r\x1b[K" + step_.finished() + "\n"); }

  std::size_t columns_;
};

class Lines : public Reporter {
 public:
  using Reporter::Reporter;

 private:
  Monotonic::duration period() const override { return std::chrono::seconds(10); }
  void show_begin() override {}
  void show_advance() override {
    std::string line = step_.name + ": " + step_.amount();
    if (step_.total > 0) {
      line += fmt::format(" ({:.0f} %)", 100 * static_cast<double>(step_.done) / static_cast<double>(step_.total));
    }
    line += ", " + step_.rate_text();
    if (const std::string left = step_.left_text(); !left.empty()) line += ", " + left;
    put(line + "\n");
  }
  void show_end() override { put(step_.finished() + "\n"); }
};

}  // namespace

std::unique_ptr<Progress> make_progress_bar(std::FILE* out, int columns) { return std::make_unique<Bar>(out, columns); }

std::unique_ptr<Progress> make_progress_lines(std::FILE* out) { return std::make_unique<Lines>(out); }

}  // namespace vigie::cli
