#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/utf8.h"
#include "dataset/csv.h"
#include "dataset/csv_index.h"
#include "dataset/csv_start.h"

namespace vigie::dataset {

Result<CsvStart> start_csv(RecordCutter& cutter, char delimiter, MissingTokens missing, bool has_header) {
  auto header = std::make_shared<CsvHeader>();
  header->file = cutter.source().name();
  header->delimiter = delimiter;
  header->missing = std::move(missing);
  if (delimiter == '\0') header->delimiter = guess_delimiter(VIGIE_TRY(cutter.front()));
  VIGIE_TRY(check_delimiter(header->delimiter));
  cutter.set_delimiter(header->delimiter);

  auto chunk = VIGIE_TRY(cutter.next());
  const Place first_line{.file = header->file, .line = 1};
  if (!chunk)
    return fail(Code::kInvalidData, "the file is empty", {.file = header->file}, "give a file with a header line");
  std::size_t used = 0;
  auto names = split_record(chunk->bytes, header->delimiter, used);
  if (!names) {
    Error error = std::move(names).error();
    error.place.file = header->file;
    return std::unexpected(std::move(error));
  }
  if (!has_header) {
    for (std::size_t i = 1; i <= names->size(); ++i) header->names.push_back(std::to_string(i));
    return CsvStart{std::move(header), std::move(*chunk), 1};
  }
  const std::string_view record = chunk->bytes.substr(0, used);
  if (const std::size_t good = utf8_valid_prefix(record); good < record.size()) {
    return fail(Code::kInvalidData, "the header is not UTF-8",
                {.file = header->file, .line = 1, .column = characters(record.substr(0, good)) + 1},
                "convert the file: iconv -f WINDOWS-1252 -t UTF-8");
  }
  std::unordered_set<std::string> seen;
  for (std::size_t i = 0; i < names->size(); ++i) {
    std::string name(trim_spaces((*names)[i]));
    // pandas and R write the rows' own names first, and give that column none.
    if (name.empty() && i == 0 && names->size() > 1) name = kRowNames;
    if (name.empty()) {
      return fail(Code::kInvalidData, "the header's field " + std::to_string(i + 1) + " has no name", first_line,
                  names->size() == 1 ? "begin the file with a line of column names" : "name every column");
    }
    if (!seen.insert(name).second) {
      return fail(Code::kInvalidData, "the header has the name " + excerpt(name) + " twice", first_line,
                  "give every column its own name");
    }
    header->names.push_back(std::move(name));
  }
  const auto lines = static_cast<std::uint64_t>(std::ranges::count(record, '\n'));
  chunk->bytes.remove_prefix(used);
  return CsvStart{std::move(header), std::move(*chunk), 1 + lines};
}

struct CsvReader::State {
  RecordCutter cutter;
  CsvOptions options;
  std::shared_ptr<const CsvHeader> header{};
  std::optional<RecordCutter::Chunk> pending{};  // what came behind the header
  std::uint64_t line = 1;
  std::optional<Error> failure{};  // told after the rows before it
};

CsvReader::CsvReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
CsvReader::CsvReader(CsvReader&&) noexcept = default;
CsvReader& CsvReader::operator=(CsvReader&&) noexcept = default;
CsvReader::~CsvReader() = default;

Result<CsvReader> CsvReader::open(const std::filesystem::path& path, const CsvOptions& options) {
  return open(VIGIE_TRY(open_bytes(path)), options);
}

Result<CsvReader> CsvReader::open(std::unique_ptr<ByteSource> source, const CsvOptions& options) {
  const RecordCutter::Options cutting{.chunk_bytes = options.block_bytes, .max_record_bytes = options.max_record_bytes};
  auto state =
      std::unique_ptr<State>(new State{.cutter = RecordCutter(std::move(source), cutting), .options = options});
  auto start = VIGIE_TRY(start_csv(state->cutter, options.delimiter, options.missing));
  state->header = std::move(start.header);
  state->pending = std::move(start.rest);
  state->line = start.line;
  return CsvReader(std::move(state));
}

const CsvHeader& CsvReader::header() const { return *state_->header; }
std::uint64_t CsvReader::bytes_read() const { return state_->cutter.position(); }
std::uint64_t CsvReader::bytes_total() const { return state_->cutter.source().size(); }

Result<bool> CsvReader::next(CsvBlock& block) {
  State& state = *state_;
  block.owner_.reset();  // so that the cutter may use its memory again
  block.rows_.clear();
  block.bad_rows_.clear();
  if (state.failure) return std::unexpected(*state.failure);
  for (;;) {
    auto chunk = std::exchange(state.pending, std::nullopt);
    if (!chunk) {
      auto cut = state.cutter.next();
      if (!cut) {
        state.failure = std::move(cut).error();
        if (state.failure->place.line > 0) state.failure->place.line += state.line - 1;
        return std::unexpected(*state.failure);
      }
      if (!*cut) return false;
      chunk = std::move(*cut);
    }
    state.line +=
        CsvIndexer::index(*chunk, state.header, state.line, state.options.max_record_bytes, block, state.failure);
    if (state.options.on_bad_row == OnBadRow::kFail && !block.bad_rows_.empty()) {
      // The rows before it are told first, so that what comes does not depend on the size of blocks.
      const BadRow& bad = block.bad_rows_.front();
      state.failure = to_error(bad, state.header->file);
      while (!block.rows_.empty() && block.line(block.rows() - 1) > bad.line) block.rows_.pop_back();
      block.bad_rows_.clear();
    }
    if (!block.rows_.empty() || !block.bad_rows_.empty()) return true;
    if (state.failure) return std::unexpected(*state.failure);
    block.owner_.reset();
  }
}

}  // namespace vigie::dataset
