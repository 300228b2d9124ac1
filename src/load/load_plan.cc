#include "load/load_plan.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "base/number.h"

namespace vigie::load {
namespace {

constexpr Nanoseconds kLongest = 600 * kSecond;
constexpr double kMostRate = 1e6;
constexpr double kLeastRate = 0.01;
constexpr std::uint32_t kMostConnections = 10'000;
constexpr std::uint32_t kMostPipeline = 64;
constexpr std::uint32_t kMostThreads = 64;
constexpr std::uint32_t kMostSteps = 100;
constexpr Nanoseconds kLongestTimeout = 60 * kSecond;

auto refuse(std::string message, const std::string& option, std::string remedy) {
  return fail(Code::kInvalidArgument, std::move(message), {.field = option}, std::move(remedy));
}

Status check_count(std::uint32_t value, std::uint32_t most, const std::string& option) {
  if (value >= 1 && value <= most) return {};
  return refuse("the value is " + std::to_string(value), option, "give 1 to " + with_thousands(most));
}

}  // namespace

Nanoseconds LoadPlan::length() const {
  Nanoseconds sum = 0;
  for (const Stage& stage : stages) sum += stage.length;
  return sum;
}

Status check(const LoadPlan& plan) {
  assert(!plan.stages.empty() && !plan.mix.empty());
  if (plan.length() + plan.warmup > kLongest) {
    return refuse("the run takes longer than 10 minutes", "--duration", "give less, or several runs");
  }
  VIGIE_TRY(check_count(plan.connections, kMostConnections, "--connections"));
  VIGIE_TRY(check_count(plan.pipeline, kMostPipeline, "--pipeline"));
  VIGIE_TRY(check_count(plan.threads, kMostThreads, "--threads"));
  if (plan.threads > plan.connections) {
    return refuse("there are more threads than connections", "--threads", "give at least one connection a thread");
  }
  if (plan.timeout == 0 || plan.timeout > kLongestTimeout) {
    return refuse("the timeout is not within a minute", "--timeout", "give 1ms to 60s");
  }
  if (plan.open_loop() && plan.pipeline != 1) {
    return refuse("an open loop has one request at a time on a connection", "--pipeline",
                  "give more --connections, or leave --rate out");
  }
  return {};
}

Result<Nanoseconds> parse_duration(std::string_view text, const std::string& option) {
  constexpr std::string_view kRemedy = "write 500ms, 10s or 2m, up to 10m";
  double unit = static_cast<double>(kSecond);
  std::string_view number = text;
  if (number.ends_with("ms")) {
    unit *= 1e-3;
    number.remove_suffix(2);
  } else if (number.ends_with('s')) {
    number.remove_suffix(1);
  } else if (number.ends_with('m')) {
    unit *= 60;
    number.remove_suffix(1);
  }
  const auto value = parse_double(number);
  if (!value || *value < 0) {
    return refuse("\"" + std::string(text) + "\" is no duration", option, std::string(kRemedy));
  }
  if (*value * unit > static_cast<double>(kLongest)) {
    return refuse("\"" + std::string(text) + "\" is longer than 10 minutes", option, std::string(kRemedy));
  }
  return static_cast<Nanoseconds>(std::llround(*value * unit));
}

Result<std::vector<Share>> parse_mix(std::string_view text) {
  const auto bad = [&](const std::string& message) {
    return refuse(message, "--mix", "write routes and their weights, such as predict=90,score=10");
  };
  std::vector<Share> mix;
  while (true) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view item = text.substr(0, end);
    const std::size_t equals = std::min(item.find('='), item.size());
    const auto route = find_route(item.substr(0, equals));
    if (!route) {
      return bad("there is no route \"" + std::string(item.substr(0, equals)) + "\" (predict, score, fraude, health)");
    }
    const auto weight = equals == item.size() ? std::optional(1.0) : parse_double(item.substr(equals + 1));
    if (!weight || !(*weight > 0) || *weight > 1e6)
      return bad("the weight of " + std::string(to_string(*route)) + " is no positive number");
    if (std::ranges::any_of(mix, [&](const Share& share) { return share.route == *route; })) {
      return bad(std::string(to_string(*route)) + " stands there twice");
    }
    mix.push_back({.route = *route, .weight = *weight, .path = {}});
    if (end == text.size()) return mix;
    text.remove_prefix(end + 1);
  }
}

Status set_paths(const std::vector<std::string>& options, std::vector<Share>& mix) {
  for (const std::string& option : options) {
    const std::size_t equals = std::min(option.find('='), option.size());
    const auto route = find_route(std::string_view(option).substr(0, equals));
    const auto share = std::ranges::find_if(mix, [&](const Share& other) { return other.route == route; });
    std::string path = equals == option.size() ? std::string() : option.substr(equals + 1);
    const bool plain = std::ranges::all_of(path, [](char byte) { return byte > ' ' && byte < '\x7f'; });
    if (share == mix.end() || !path.starts_with('/') || !plain) {
      return refuse("\"" + option + "\" is no path of a route in the mix", "--path", "write predict=/v2/predict");
    }
    share->path = std::move(path);
  }
  return {};
}

Result<std::vector<Stage>> parse_stages(std::string_view rate, Nanoseconds length, std::uint32_t steps) {
  if (length == 0) return refuse("the run has no length", "--duration", "give 1s or more");
  if (rate.empty()) return std::vector<Stage>{{.rate = 0, .length = length}};
  const std::size_t dots = rate.find("..");
  const auto first = parse_double(rate.substr(0, dots));
  const auto last = dots == std::string_view::npos ? first : parse_double(rate.substr(dots + 2));
  const auto fits = [](const std::optional<double>& value) {
    return value && *value >= kLeastRate && *value <= kMostRate;
  };
  if (!fits(first) || !fits(last)) {
    return refuse("\"" + std::string(rate) + "\" is no rate of 0.01 to 1,000,000 requests a second", "--rate",
                  "write 2000, or 1000..20000 for a ramp");
  }
  if (dots == std::string_view::npos) return std::vector<Stage>{{.rate = *first, .length = length}};
  if (steps < 2 || steps > kMostSteps) {
    return refuse("a ramp of " + std::to_string(steps) + " steps", "--steps",
                  "give 2 to " + std::to_string(kMostSteps));
  }
  std::vector<Stage> stages;
  for (std::uint32_t i = 0; i < steps; ++i) {
    const double share = static_cast<double>(i) / (steps - 1);
    stages.push_back({.rate = *first + (*last - *first) * share, .length = length / steps});
  }
  return stages;
}

Schedule::Schedule(const LoadPlan& plan) {
  assert(plan.open_loop());
  std::uint64_t first = 0;
  Nanoseconds start = 0;
  const auto add = [&](const Stage& stage) {
    parts_.push_back({.first = first, .start = start, .spacing = static_cast<double>(kSecond) / stage.rate});
    first += static_cast<std::uint64_t>(stage.rate * static_cast<double>(stage.length) / static_cast<double>(kSecond));
    start += stage.length;
  };
  add({.rate = plan.stages.front().rate, .length = plan.warmup});
  for (const Stage& stage : plan.stages) add(stage);
  parts_.push_back({.first = first, .start = start, .spacing = 0});
}

Nanoseconds Schedule::due(std::uint64_t index) {
  assert(index < count());
  if (index < parts_[at_].first) at_ = 0;
  while (index >= parts_[at_ + 1].first) ++at_;
  const Part& part = parts_[at_];
  return part.start + static_cast<Nanoseconds>(part.spacing * static_cast<double>(index - part.first));
}

}  // namespace vigie::load
