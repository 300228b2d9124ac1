#include <array>
#include <utility>

#include "dataset/bytes.h"

namespace vigie::dataset {
namespace {

constexpr std::size_t kFarthest = 4096;  // bytes of spaces that are looked through

class Replayed : public ByteSource {
 public:
  explicit Replayed(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  Result<char> first() {
    for (;;) {
      const std::string_view text = std::string_view(head_).substr(head_.starts_with("\xEF\xBB\xBF") ? 3 : 0);
      const std::size_t at = text.find_first_not_of(" \t\r\n");
      if (at != std::string_view::npos) return text[at];
      if (head_.size() >= kFarthest) return '\0';
      std::array<char, 64> piece{};
      const std::size_t got = VIGIE_TRY(source_->read(piece));
      if (got == 0) return '\0';
      head_.append(piece.data(), got);
    }
  }

  Result<std::size_t> read(std::span<char> into) override {
    if (used_ == head_.size()) return source_->read(into);
    const std::size_t count = head_.copy(into.data(), into.size(), used_);
    used_ += count;
    return count;
  }
  const std::string& name() const override { return source_->name(); }
  std::uint64_t position() const override { return source_->position(); }
  std::uint64_t size() const override { return source_->size(); }

 private:
  std::unique_ptr<ByteSource> source_;
  std::string head_;
  std::size_t used_ = 0;
};

}  // namespace

Result<PeekedSource> peek_at(std::unique_ptr<ByteSource> source) {
  auto replayed = std::make_unique<Replayed>(std::move(source));
  const char first = VIGIE_TRY(replayed->first());
  return PeekedSource{std::move(replayed), first};
}

}  // namespace vigie::dataset
