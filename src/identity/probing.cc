#include "identity/probing.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "identity/bounded_table.h"

namespace vigie::identity {
namespace {

constexpr std::size_t kMostFields = 256;
constexpr std::size_t kMostRecent = 1'024;
constexpr std::size_t kMostSubjects = std::size_t{1} << 20;
constexpr std::size_t kMostBytes = std::size_t{1} << 30;

std::unexpected<Error> refuse(std::string field, std::string message, std::string remedy) {
  return fail(Code::kInvalidArgument, std::move(message), {.field = std::move(field)}, std::move(remedy));
}

// One bit pattern for all missing values, and one for zero: what is compared as bytes must have one form.
double canonical(double value) { return std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : value + 0.0; }

// A missing value becomes the largest one: it equals itself, and is near nothing that a request may have.
float comparable(double value) {
  constexpr auto kMost = static_cast<double>(std::numeric_limits<float>::max());
  return static_cast<float>(std::isnan(value) ? kMost : std::clamp(value, -kMost, kMost));
}

}  // namespace

struct ProbingCounter::Request {
  std::uint64_t fingerprint;
  SteadyTime seen;
  std::uint32_t repeated;
};

struct ProbingCounter::History {
  std::vector<Request> requests;  // up to `recent`, then a ring
  std::vector<float> values;      // theirs, row after row
  std::size_t oldest = 0;         // where the next one goes once the ring is full
  SteadyTime silent_since = SteadyTime::min();
  std::int64_t expiry() const { return silent_since.time_since_epoch().count(); }
};

struct alignas(64) ProbingCounter::Part {
  explicit Part(std::size_t entries) : histories(entries) {}

  std::mutex mutex;
  BoundedTable<History> histories;

  History& history_of(std::uint64_t subject) {
    if (History* const known = histories.find(subject)) return *known;
    History history;
    if (histories.full()) {
      history = histories.drop_soonest();
      history.requests.clear();
      history.values.clear();
      history.oldest = 0;
    }
    return histories.insert(subject, std::move(history));
  }
};

ProbingCounter::ProbingCounter(const ProbingOptions& options, const KeyedHash& hash) : options_(options), hash_(hash) {
  const std::size_t parts = parts_for(options.subjects);
  for (std::size_t i = 0; i < parts; ++i) parts_.push_back(std::make_unique<Part>(options.subjects / parts));
}

ProbingCounter::ProbingCounter(ProbingCounter&&) noexcept = default;
ProbingCounter& ProbingCounter::operator=(ProbingCounter&&) noexcept = default;
ProbingCounter::~ProbingCounter() = default;

Result<ProbingCounter> ProbingCounter::make(const ProbingOptions& options, const KeyedHash& hash) {
  const auto outside = [](std::size_t value, std::size_t least, std::size_t most) {
    return value < least || value > most;
  };
  if (outside(options.fields, 3, kMostFields)) {
    return refuse("fields", std::to_string(options.fields) + " is not in 3..256", "give as many as a request has");
  }
  if (outside(options.recent, 1, kMostRecent)) {
    return refuse("recent", std::to_string(options.recent) + " is not in 1..1024", "give 64, or so");
  }
  if (options.window < std::chrono::seconds(1) || options.window > std::chrono::days(366)) {
    return refuse("window", "less than a second or more than 366 days", "give 10m, or so");
  }
  if (outside(options.free_fields, 1, (options.fields - 1) / 2)) {
    return refuse("free_fields", std::to_string(options.free_fields) + " is 0, or half of the fields or more",
                  "give 3, or so");
  }
  if (!(options.tolerance >= 0 && options.tolerance <= 0.5)) {
    return refuse("tolerance", "it is not in 0..0.5", "give 0.02, or so");
  }
  if (outside(options.subjects, 1, kMostSubjects)) {
    return refuse("subjects", std::to_string(options.subjects) + " is not in 1..1048576", "give 1000, or so");
  }
  if ((options.fields * sizeof(float) + sizeof(Request)) * options.recent > kMostBytes / options.subjects) {
    return refuse("subjects", "they could take more than 1 GiB of memory", "give fewer, or fewer recent requests");
  }
  return ProbingCounter(options, hash);
}

bool ProbingCounter::near(const float* a, const float* b) const {
  const auto tolerance = static_cast<float>(options_.tolerance);
  std::size_t differing = 0;
  for (std::size_t i = 0; i < options_.fields; ++i) {
    const bool differ = std::abs(a[i] - b[i]) > tolerance * std::max(std::abs(a[i]), std::abs(b[i]));
    if (differ && ++differing > options_.free_fields) return false;
  }
  return true;
}

ProbingCount ProbingCounter::observe(std::uint64_t subject, std::span<const double> values, SteadyTime now) {
  assert(values.size() == options_.fields);
  std::array<double, kMostFields> exact{};
  std::array<float, kMostFields> rough{};
  std::ranges::transform(values, exact.begin(), canonical);
  std::ranges::transform(values, rough.begin(), comparable);
  const std::uint64_t fingerprint = hash_({reinterpret_cast<const char*>(exact.data()), values.size_bytes()});

  Part& part = *parts_[part_of(subject, parts_.size())];
  const std::scoped_lock lock(part.mutex);
  History& history = part.history_of(subject);
  history.silent_since = std::max(history.silent_since, now);
  ProbingCount count;
  Request* same = nullptr;
  for (std::size_t i = 0; i < history.requests.size(); ++i) {
    Request& request = history.requests[i];
    if (request.fingerprint == fingerprint) same = &request;
    if (now - request.seen >= options_.window) continue;
    ++count.compared;
    if (&request != same && near(rough.data(), &history.values[i * options_.fields])) ++count.near;
  }
  if (same != nullptr) {
    const bool fresh = now - same->seen < options_.window;
    same->repeated = fresh ? same->repeated + 1 : 0;
    same->seen = now;
    count.repeated = same->repeated;
    count.compared -= fresh ? 1 : 0;
    return count;
  }
  const Request request{.fingerprint = fingerprint, .seen = now, .repeated = 0};
  const std::span<const float> row(rough.data(), options_.fields);
  if (history.requests.size() < options_.recent) {
    history.requests.push_back(request);
    history.values.insert(history.values.end(), row.begin(), row.end());
  } else {
    history.requests[history.oldest] = request;
    std::ranges::copy(row, history.values.begin() + static_cast<std::ptrdiff_t>(history.oldest * options_.fields));
    history.oldest = (history.oldest + 1) % options_.recent;
  }
  return count;
}

std::size_t ProbingCounter::subjects() const {
  std::size_t subjects = 0;
  for (const auto& part : parts_) {
    const std::scoped_lock lock(part->mutex);
    subjects += part->histories.size();
  }
  return subjects;
}

}  // namespace vigie::identity
