#include "dataset/read.h"

#include "dataset/bytes.h"
#include "dataset/csv.h"
#include "dataset/ndjson.h"

namespace vigie::dataset {

std::optional<FileForm> form_by_suffix(const std::filesystem::path& path) {
  const std::string suffix = without_compression_suffix(path).extension().native();
  if (suffix == ".ndjson" || suffix == ".jsonl" || suffix == ".json") return FileForm::kNdjson;
  if (suffix == ".csv" || suffix == ".tsv") return FileForm::kCsv;
  return std::nullopt;
}

Result<Reading> read_table(const std::filesystem::path& path, const ReadOptions& options, Progress& progress) {
  const auto form = form_by_suffix(path);
  if (!form) {
    // A pipe cannot be opened twice: what was looked at comes again.
    auto peeked = VIGIE_TRY(peek_at(VIGIE_TRY(open_bytes(path))));
    if (peeked.first == '{') return read_ndjson(std::move(peeked.source), options, progress);
    return read_csv(std::move(peeked.source), options, progress);
  }
  return *form == FileForm::kNdjson ? read_ndjson(path, options, progress) : read_csv(path, options, progress);
}

Status write_table(const Table& table, const std::filesystem::path& path) {
  const bool ndjson = form_by_suffix(path) == FileForm::kNdjson;
  return ndjson ? write_ndjson(table, path) : write_csv(table, path);
}

}  // namespace vigie::dataset
