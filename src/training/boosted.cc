#include "training/boosted.h"

#include <sched.h>
#include <xgboost/c_api.h>

#include <cassert>
#include <cmath>
#include <thread>
#include <utility>

#include "base/number.h"
#include "base/parallel.h"

namespace vigie::training {
namespace {

constexpr int kFloatInfo = 1;  // XGDMatrixSetDenseInfo's code for float

// XGBoost's own words without its clock, source line and stack: "[03:11:11] ./src/x.cc:42: Check failed: ...\nStack
// ...".
std::string plain(std::string_view text) {
  text = text.substr(0, text.find("\nStack trace"));
  if (text.starts_with('[')) text.remove_prefix(std::min(text.find(']') + 1, text.size()));
  const std::size_t source = text.find(".cc:");
  const std::size_t after = source == std::string_view::npos ? source : text.find(": ", source);
  if (after != std::string_view::npos && source < 200) text.remove_prefix(after + 2);
  std::string line;
  for (const char c : text) {
    const char next = c == '\n' || c == '\t' ? ' ' : c;
    if (next != ' ' || (!line.empty() && line.back() != ' ')) line += next;
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

Status check(int outcome) {
  if (outcome == 0) return {};
  return fail(Code::kInvalidArgument, "XGBoost: " + plain(XGBGetLastError()), {.field = "xgboost"},
              "correct the parameter it names");
}

class Matrix {
 public:
  Matrix() = default;
  Matrix(const Matrix&) = delete;
  Matrix& operator=(const Matrix&) = delete;
  ~Matrix() {
    if (handle_ != nullptr) XGDMatrixFree(handle_);
  }

  Status load(const BoostedRows& data, std::uint32_t lanes) {
    const std::size_t count = data.labels.size();
    assert(data.rows.size() == count * data.features);
    const std::string array = "{\"data\":[" + std::to_string(reinterpret_cast<std::uintptr_t>(data.rows.data())) +
                              ",true],\"shape\":[" + std::to_string(count) + "," + std::to_string(data.features) +
                              "],\"typestr\":\"<f4\",\"version\":3}";
    const std::string config = "{\"missing\":NaN,\"nthread\":" + std::to_string(lanes) + "}";
    VIGIE_TRY(check(XGDMatrixCreateFromDense(array.c_str(), config.c_str(), &handle_)));
    const std::vector<float> labels(data.labels.begin(), data.labels.end());
    VIGIE_TRY(check(XGDMatrixSetDenseInfo(handle_, "label", labels.data(), count, kFloatInfo)));
    if (!data.weights.empty()) {
      VIGIE_TRY(check(XGDMatrixSetDenseInfo(handle_, "weight", data.weights.data(), count, kFloatInfo)));
    }
    return {};
  }
  DMatrixHandle get() const { return handle_; }

 private:
  DMatrixHandle handle_ = nullptr;
};

class Booster {
 public:
  Booster() = default;
  Booster(const Booster&) = delete;
  Booster& operator=(const Booster&) = delete;
  ~Booster() {
    if (handle_ != nullptr) XGBoosterFree(handle_);
  }
  BoosterHandle get() const { return handle_; }
  BoosterHandle* put() { return &handle_; }

 private:
  BoosterHandle handle_ = nullptr;
};

// XGBoost reports a parameter that it does not know as a warning of the thread that trains.
thread_local std::string warning_text;
void keep_warning(const char* text) {
  if (std::string_view(text).find("are not used") != std::string_view::npos ||
      std::string_view(text).find("might not be used") != std::string_view::npos) {
    warning_text = text;
  }
}

Status check_names() {
  if (warning_text.empty()) return {};
  const std::size_t open = warning_text.find('{');
  const std::size_t close = warning_text.find('}');
  const bool quoted = open != std::string::npos && close != std::string::npos && close > open;
  return fail(
      Code::kInvalidArgument,
      "XGBoost has no such parameter: " +
          (quoted ? plain(std::string_view(warning_text).substr(open + 1, close - open - 1)) : plain(warning_text)),
      {.field = "xgboost"}, "correct the name, or leave it out");
}

Status configure(BoosterHandle booster, const BoostedOptions& options) {
  const auto set = [&](std::string_view name, const std::string& value) {
    return check(XGBoosterSetParam(booster, std::string(name).c_str(), value.c_str()));
  };
  VIGIE_TRY(set("objective", "binary:logistic"));
  VIGIE_TRY(set("booster", "gbtree"));
  VIGIE_TRY(set("base_score", "0.5"));
  VIGIE_TRY(set("nthread", std::to_string(options.lanes)));
  VIGIE_TRY(set("seed", std::to_string(options.seed & 0x7FFFFFFF)));
  VIGIE_TRY(set("validate_parameters", "1"));
  for (const auto& [name, value] : boosted_parameters(options)) {
    if (name == "rounds" || name == "early_stopping_rounds") continue;
    VIGIE_TRY(set(name == "early_stopping_metric" ? "eval_metric" : std::string_view(name), value));
  }
  return {};
}

// "[12]\tvalidation-aucpr:0.8123" to 0.8123.
Result<double> parse_evaluation(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const auto value = colon == std::string_view::npos ? std::nullopt : parse_double(text.substr(colon + 1));
  if (value) return *value;
  return fail(Code::kInvalidData, "XGBoost could not measure the validation rows: \"" + plain(text) + "\"",
              {.field = "xgboost.early_stopping_metric"}, "give validation rows of both classes");
}

Result<TrainedBoosted> save(BoosterHandle booster, const std::vector<std::string>& names, std::uint32_t rounds) {
  if (!names.empty()) {
    std::vector<const char*> texts;
    for (const std::string& name : names) texts.push_back(name.c_str());
    VIGIE_TRY(check(XGBoosterSetStrFeatureInfo(booster, "feature_name", texts.data(), texts.size())));
  }
  bst_ulong length = 0;
  const char* bytes = nullptr;
  VIGIE_TRY(check(XGBoosterSaveModelToBuffer(booster, R"({"format":"json"})", &length, &bytes)));
  return TrainedBoosted{.json = std::string(bytes, length), .rounds = rounds};
}

Result<TrainedBoosted> train_here(const BoostedRows& training, const BoostedOptions& options,
                                  const BoostedRows* validation, const std::function<void(std::uint32_t)>& on_round) {
  warning_text.clear();
  XGBRegisterLogCallback(&keep_warning);
  VIGIE_TRY(check(XGBSetGlobalConfig(R"({"verbosity":1})")));  // warnings, to keep_warning
  Matrix matrix;
  VIGIE_TRY(matrix.load(training, options.lanes));
  Matrix held_out;
  if (options.early_stopping) VIGIE_TRY(held_out.load(*validation, options.lanes));
  Booster booster;
  DMatrixHandle matrices[] = {matrix.get(), held_out.get()};
  VIGIE_TRY(check(XGBoosterCreate(matrices, options.early_stopping ? 2 : 1, booster.put())));
  VIGIE_TRY(configure(booster.get(), options));

  const bool larger_is_better = options.early_stopping && options.early_stopping->metric.starts_with("auc");
  double best = 0;
  std::uint32_t best_rounds = 0;
  std::uint32_t done = 0;
  while (done < options.rounds) {
    VIGIE_TRY(check(XGBoosterUpdateOneIter(booster.get(), static_cast<int>(done), matrix.get())));
    ++done;
    if (done == 1) VIGIE_TRY(check_names());
    if (on_round) on_round(done);
    if (!options.early_stopping) continue;
    const char* name = "validation";
    const char* text = nullptr;
    VIGIE_TRY(check(XGBoosterEvalOneIter(booster.get(), static_cast<int>(done - 1), &matrices[1], &name, 1, &text)));
    const double value = VIGIE_TRY(parse_evaluation(text));
    if (best_rounds == 0 || (larger_is_better ? value > best : value < best)) {
      best = value;
      best_rounds = done;
    } else if (done - best_rounds >= options.early_stopping->rounds) {
      break;
    }
  }
  if (!options.early_stopping || best_rounds == done) return save(booster.get(), training.names, done);
  Booster kept;
  VIGIE_TRY(check(XGBoosterSlice(booster.get(), 0, static_cast<int>(best_rounds), 1, kept.put())));
  return save(kept.get(), training.names, best_rounds);
}

// Lets this thread and those that it starts run on the first `count` of the CPUs it may run on.
void confine(std::size_t count) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  cpu_set_t chosen;
  CPU_ZERO(&chosen);
  for (std::size_t cpu = 0; cpu < CPU_SETSIZE && count > 0; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    CPU_SET(cpu, &chosen);
    --count;
  }
  sched_setaffinity(0, sizeof chosen, &chosen);  // a refusal costs politeness, not correctness
}

}  // namespace

Result<TrainedBoosted> train_boosted(const BoostedRows& training, const BoostedOptions& options,
                                     const BoostedRows* validation,
                                     const std::function<void(std::uint32_t)>& on_round) {
  if (training.labels.empty()) {
    return fail(Code::kInvalidArgument, "no rows to train XGBoost on", {}, "give rows of both classes");
  }
  if (!options.monotone.empty() && options.monotone.size() != training.features) {
    return fail(
        Code::kInvalidArgument,
        std::to_string(options.monotone.size()) + " directions for " + std::to_string(training.features) + " features",
        {.field = "xgboost.monotone_constraints"}, "give one of 1, 0, -1 for each feature");
  }
  if (options.early_stopping && (validation == nullptr || validation->labels.empty())) {
    return fail(Code::kInvalidArgument, "early stopping needs validation rows",
                {.field = "xgboost.early_stopping_rounds"}, "give some, or leave early stopping out");
  }
  if (options.lanes <= 1) return train_here(training, options, validation, on_round);

  // OpenMP keeps its pool with the thread that called it: a thread of our own leaves nothing behind, and its children
  // inherit the CPUs it is confined to.
  Result<TrainedBoosted> outcome = fail(Code::kInternal, "XGBoost did not run");
  std::exception_ptr failure;
  std::thread trainer([&] {
    try {
      if (options.threads < options.lanes && options.threads < thread_count(0)) confine(options.threads);
      outcome = train_here(training, options, validation, on_round);
    } catch (...) {
      failure = std::current_exception();
    }
  });
  trainer.join();
  if (failure) std::rethrow_exception(failure);
  return outcome;
}

}  // namespace vigie::training
