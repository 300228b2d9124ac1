#include "scoring/scorer.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "scoring/flat_forest.h"
#include "scoring/kernels.h"
#include "scoring/output.h"
#include "scoring/pack.h"

namespace vigie::scoring {
namespace {

// The same where kernels have no way of their own for one row.
constexpr std::size_t kFewRowsWalked = 11;

constexpr double kLengthUnit = 0x1.0p-26;  // of model::isolation_path_length

// Buffers of a thread that scores, as large as its largest forest so far.
struct Scratch {
  AlignedVector<float> columns;
  AlignedVector<std::uint8_t> codes;
  alignas(64) std::array<std::uint8_t, kWindowTrees * kBlockRows> paths;
  alignas(64) std::array<std::uint16_t, kMaxRowNodes> next;  // every place its own number, until a row is walked

  Scratch() { std::iota(next.begin(), next.end(), std::uint16_t{0}); }
};

Scratch& scratch() {
  thread_local Scratch own;
  return own;
}

template <typename T>
T* room(AlignedVector<T>& buffer, std::size_t size) {
  if (buffer.size() < size) buffer.resize(size);
  return buffer.data();
}

// What the two kinds of forest share. `Forest` says how leaves add up:
//   Total                               of one row: float margins, or double lengths
//   Total start() const
//   void add_window(kernels, packed, groups, trees, paths, Totals&) const
//   double row_total / output
template <typename Member>
class ForestScorer : public Scorer {
 public:
  ForestScorer(const model::Forest& forest, Member member, Engine engine)
      : member_(std::move(member)),
        flat_(forest, [this](const model::Node& leaf, std::uint32_t depth) { return member_.leaf(leaf, depth); }),
        kernels_(kernels_of(engine)) {
    if (kernels_ != nullptr) pack_ = Pack::make(forest, Member::kLeaves);
    if (!pack_) kernels_ = nullptr;
    by_row_ = kernels_ != nullptr && kernels_->add_row_values != nullptr && pack_->forest().row.top_count > 0;
  }

  std::size_t feature_count() const override { return flat_.feature_count(); }

  void score(std::span<const float> rows, std::span<double> out) const override {
    assert(rows.size() == out.size() * feature_count());
    for (std::size_t first = 0; first < out.size(); first += kBlockRows) {
      const std::size_t count = std::min(kBlockRows, out.size() - first);
      const auto block = rows.subspan(first * feature_count(), count * feature_count());
      const auto scores = out.subspan(first, count);
      if (kernels_ == nullptr || (!by_row_ && count < kFewRowsWalked)) {
        score_flat(block, scores);
      } else if (by_row_ && count < kFewRows) {
        for (std::size_t i = 0; i < count; ++i) {
          score_row(block.subspan(i * feature_count(), feature_count()), scores[i]);
        }
      } else {
        float* const columns = room(scratch().columns, feature_count() * kBlockRows);
        kernels_->transpose(block.data(), feature_count(), count, columns);
        if (!score_packed(columns, scores)) score_flat(block, scores);
      }
    }
  }

  void score_block(const float* columns, std::span<double> out) const override {
    if (kernels_ != nullptr && out.size() >= (by_row_ ? kFewRows : kFewRowsWalked) && score_packed(columns, out))
      return;
    std::vector<float> rows(out.size() * feature_count());
    for (std::size_t i = 0; i < out.size(); ++i) {
      for (std::size_t f = 0; f < feature_count(); ++f) rows[i * feature_count() + f] = columns[f * kBlockRows + i];
    }
    if (kernels_ == nullptr) return score_flat(rows, out);
    score(rows, out);
  }

 private:
  void score_flat(std::span<const float> rows, std::span<double> out) const {
    std::array<typename Member::Total, kBlockRows> totals;
    totals.fill(member_.start());
    flat_.accumulate(rows, std::span(totals).first(out.size()));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = member_.output(totals[i]);
  }

  void score_row(std::span<const float> row, double& out) const {
    const PackedForest& packed = pack_->forest();
    auto total = member_.packed_start();
    if (!member_.add_row(*kernels_, packed, row.data(), scratch().next.data(), total)) {
      return score_flat(row, std::span(&out, 1));
    }
    out = member_.output(member_.total(total));
  }

  // False where a value is missing.
  bool score_packed(const float* columns, std::span<double> out) const {
    const PackedForest& packed = pack_->forest();
    Scratch& own = scratch();
    std::uint8_t* const codes = room(own.codes, packed.column_count * 2 * kBlockRows);
    if (!kernels_->encode(packed, columns, codes)) return false;
    alignas(64) std::array<typename Member::PackedTotal, kBlockRows> totals;
    totals.fill(member_.packed_start());
    constexpr std::size_t kWindowGroups = kWindowTrees / kSideBySide;
    for (std::size_t first = 0; first < packed.group_count; first += kWindowGroups) {
      const std::size_t count = std::min(kWindowGroups, packed.group_count - first);
      kernels_->find_paths(packed, first, count, codes, own.paths.data());
      member_.add(*kernels_, packed, first, count, own.paths.data(), totals.data());
    }
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = member_.output(member_.total(totals[i]));
    return true;
  }

  Member member_;
  FlatForest<typename Member::Total> flat_;
  const Kernels* kernels_;
  std::optional<Pack> pack_;
  bool by_row_ = false;
};

// How boosted trees add up: margins in float, in tree order, as libxgboost does.
class BoostedMember {
 public:
  using Total = float;
  using PackedTotal = float;
  static constexpr Leaves kLeaves = Leaves::kValues;

  explicit BoostedMember(const model::BoostedForest& model) : base_margin_(model.base_margin) {}

  static float leaf(const model::Node& node, std::uint32_t /*depth*/) { return node.value; }
  float start() const { return base_margin_; }
  float packed_start() const { return base_margin_; }
  static float total(float margin) { return margin; }
  static double output(float margin) { return static_cast<double>(logistic(margin)); }

  static void add(const Kernels& kernels, const PackedForest& packed, std::size_t first_group, std::size_t groups,
                  const std::uint8_t* paths, float* totals) {
    const std::size_t first = first_group * kSideBySide;
    const std::size_t trees = std::min(groups * kSideBySide, packed.tree_count - first);
    kernels.add_leaves(packed, first, trees, paths, totals);
  }

  static bool add_row(const Kernels& kernels, const PackedForest& packed, const float* row, std::uint16_t* next,
                      float& total) {
    return kernels.add_row_values(packed, row, next, total);
  }

 private:
  float base_margin_;
};

// How isolation trees add up: path lengths, whose sums are exact in any order.
class IsolationMember {
 public:
  using Total = double;
  using PackedTotal = std::uint64_t;
  static constexpr Leaves kLeaves = Leaves::kLengths;

  explicit IsolationMember(const model::IsolationForest& model)
      : tree_count_(static_cast<double>(model.forest.trees.size())),
        expected_length_(model::average_path_length(model.sample_size)) {}

  static double leaf(const model::Node& node, std::uint32_t depth) {
    return model::isolation_path_length(depth, static_cast<double>(node.cover));
  }
  static double start() { return 0; }
  static std::uint64_t packed_start() { return 0; }
  static double total(std::uint64_t units) { return static_cast<double>(units) * kLengthUnit; }
  double output(double length) const { return isolation_score(length, tree_count_, expected_length_); }

  static void add(const Kernels& kernels, const PackedForest& packed, std::size_t first_group, std::size_t groups,
                  const std::uint8_t* paths, std::uint64_t* totals) {
    kernels.add_lengths(packed, first_group, groups, paths, totals);
  }

  static bool add_row(const Kernels& kernels, const PackedForest& packed, const float* row, std::uint16_t* next,
                      std::uint64_t& total) {
    return kernels.add_row_lengths(packed, row, next, total);
  }

 private:
  double tree_count_;
  double expected_length_;
};

Status check_sample(const model::IsolationForest& model) {
  if (model.sample_size < 2) {
    return fail(Code::kInvalidData, "an isolation forest needs trees grown on at least 2 rows",
                {.field = "sample_size"}, "train it again with more rows");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Scorer>> make_boosted_scorer(const model::BoostedForest& model, Engine engine) {
  VIGIE_TRY(model::validate(model.forest));
  return std::make_unique<ForestScorer<BoostedMember>>(model.forest, BoostedMember(model), engine);
}

Result<std::unique_ptr<Scorer>> make_isolation_scorer(const model::IsolationForest& model, Engine engine) {
  VIGIE_TRY(model::validate(model.forest));
  VIGIE_TRY(check_sample(model));
  return std::make_unique<ForestScorer<IsolationMember>>(model.forest, IsolationMember(model), engine);
}

}  // namespace vigie::scoring
