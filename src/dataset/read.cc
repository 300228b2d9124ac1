#include "dataset/read.h"

#include <array>
#include <optional>

#include "dataset/bytes.h"
#include "dataset/csv.h"
#include "dataset/ndjson.h"

namespace vigie::dataset {
namespace {

std::optional<FileForm> form_by_suffix(const std::filesystem::path& path) {
  const std::string suffix = without_compression_suffix(path).extension().native();
  if (suffix == ".ndjson" || suffix == ".jsonl" || suffix == ".json") return FileForm::kNdjson;
  if (suffix == ".csv" || suffix == ".tsv") return FileForm::kCsv;
  return std::nullopt;
}

// A source whose first bytes were looked at and come again.
class Peeked : public ByteSource {
 public:
  explicit Peeked(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  Result<FileForm> form() {
    while (head_.find_first_not_of(" \t\r\n") == std::string::npos && head_.size() < 4096) {
      std::array<char, 64> piece{};
      const std::size_t got = VIGIE_TRY(source_->read(piece));
      if (got == 0) break;
      head_.append(piece.data(), got);
    }
    const std::string_view text = std::string_view(head_).substr(head_.starts_with("\xEF\xBB\xBF") ? 3 : 0);
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && text[first] == '{' ? FileForm::kNdjson : FileForm::kCsv;
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

Result<Reading> read_table(const std::filesystem::path& path, const ReadOptions& options, Progress& progress) {
  auto form = form_by_suffix(path);
  if (!form) {
    auto peeked = std::make_unique<Peeked>(VIGIE_TRY(open_bytes(path)));
    form = VIGIE_TRY(peeked->form());
    // A pipe cannot be opened twice: it goes on from here.
    if (*form == FileForm::kNdjson) return read_ndjson(std::move(peeked), options, progress);
    return read_csv(std::move(peeked), options, progress);
  }
  return *form == FileForm::kNdjson ? read_ndjson(path, options, progress) : read_csv(path, options, progress);
}

Status write_table(const Table& table, const std::filesystem::path& path) {
  const bool ndjson = form_by_suffix(path) == FileForm::kNdjson;
  return ndjson ? write_ndjson(table, path) : write_csv(table, path);
}

}  // namespace vigie::dataset
