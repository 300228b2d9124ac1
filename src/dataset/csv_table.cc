#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <utility>

#include "base/parallel.h"
#include "dataset/column_builder.h"
#include "dataset/csv.h"
#include "dataset/csv_index.h"
#include "dataset/csv_start.h"
#include "dataset/selection.h"

namespace vigie::dataset {
namespace {

constexpr std::uint64_t kSampleRows = 10'000;

// A chunk on its way to becoming columns.
struct Part {
  RecordCutter::Chunk chunk;
  CsvBlock block{};
  bool indexed = false;
  std::uint64_t lines = 0;
  std::optional<Error> failure{};  // of the chunk's last record
  std::vector<ColumnBuilder> columns{};
  std::vector<BadRow> bad_rows{};  // in file order
};

class TableReader {
 public:
  TableReader(std::unique_ptr<ByteSource> source, const ReadOptions& options, Progress& progress)
      : options_(options),
        progress_(progress),
        threads_(thread_count(options.threads)),
        cutter_(std::move(source), {.chunk_bytes = options.block_bytes, .max_record_bytes = options.max_record_bytes}),
        rejects_(options.rejects) {}

  Result<Reading> run() {
    auto start = VIGIE_TRY(start_csv(cutter_, options_.delimiter, options_.missing, options_.header));
    header_ = std::move(start.header);
    line_ = start.line;
    selection_ = VIGIE_TRY(select_columns(header_->names, options_, header_->file));
    if (!start.rest.bytes.empty()) queue_.push_back(Part{.chunk = std::move(start.rest)});
    guess_types();
    for (std::size_t i = 0; i < selection_.size(); ++i) columns_.push_back(builder(i));

    progress_.begin("read", cutter_.source().size(), "bytes");
    const Status status = read_parts();
    progress_.end();
    // The reject file is of use even when the work fails after it.
    VIGIE_TRY(rejects_.commit());
    VIGIE_TRY(status);
    return finish();
  }

 private:
  ColumnBuilder builder(std::size_t i) const {
    const Selected& selected = selection_[i];
    return ColumnBuilder(header_->names[selected.index], *selected.type, selected.given);
  }

  // Queues the next chunk; false at the end or at an error, which waits its turn in cut_failure_.
  bool cut() {
    if (cut_done_) return false;
    auto chunk = cutter_.next();
    cut_done_ = !chunk || !*chunk;
    if (!chunk) {
      cut_failure_ = std::move(chunk).error();
    } else if (*chunk) {
      queue_.push_back(Part{.chunk = std::move(**chunk)});
    }
    return !cut_done_;
  }

  void index(Part& part) const {
    if (part.indexed) return;
    // Lines are counted from 1 within the part: how many lie before it is known when its turn comes.
    part.lines = CsvIndexer::index(part.chunk, header_, 1, options_.max_record_bytes, part.block, part.failure);
    part.indexed = true;
  }

  // Looks at rows until all is known; the parts looked at stay queued.
  void guess_types() {
    const auto unknown = [](const Selected& selected) { return !selected.type; };
    if (std::ranges::none_of(selection_, unknown)) return;
    std::vector<TypeGuess> guesses(selection_.size());
    std::uint64_t rows = 0;
    const auto enough = [&](std::size_t i) {
      return selection_[i].type || (rows >= kSampleRows && guesses[i].seen_any());
    };
    bool done = false;
    for (std::size_t p = 0; !done && (p < queue_.size() || cut()); ++p) {
      Part& part = queue_[p];
      index(part);
      for (std::size_t row = 0; !done && row < part.block.rows(); ++row, ++rows) {
        done = rows >= kSampleRows;
        for (std::size_t i = 0; i < selection_.size(); ++i) {
          if (enough(i)) continue;
          guesses[i].see(part.block.field(row, selection_[i].index), options_.missing);
          done = false;
        }
      }
      if (part.failure) break;
    }
    for (std::size_t i = 0; i < selection_.size(); ++i) {
      if (!selection_[i].type) selection_[i].type = guesses[i].type();
    }
  }

  void parse(Part& part) const {
    index(part);
    const CsvBlock& block = part.block;
    for (std::size_t i = 0; i < selection_.size(); ++i) {
      part.columns.push_back(builder(i));
      part.columns.back().reserve(block.rows());
    }
    // Cells that can fail come first, so that a text column never has to forget.
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < selection_.size(); ++i) {
      if (*selection_[i].type != ColumnType::kText) order.push_back(i);
    }
    const std::size_t fallible = order.size();
    for (std::size_t i = 0; i < selection_.size(); ++i) {
      if (*selection_[i].type == ColumnType::kText) order.push_back(i);
    }
    std::vector<BadRow> bad_cells;
    std::size_t good = 0;
    for (std::size_t row = 0; row < block.rows(); ++row) {
      std::size_t k = 0;
      for (; k < order.size(); ++k) {
        const std::size_t column = selection_[order[k]].index;
        const std::string_view text = block.field(row, column);
        const bool quoted = k >= fallible && block.quoted(row, column);
        if (!part.columns[order[k]].append(text, options_.missing, quoted)) break;
      }
      if (k == order.size()) {
        ++good;
        continue;
      }
      const std::size_t column = selection_[order[k]].index;
      bad_cells.push_back(block.bad_cell(row, column, why_not(block.field(row, column), *selection_[order[k]].type)));
      for (std::size_t j = 0; j < k; ++j) part.columns[order[j]].truncate(good);
    }
    const auto of_block = block.bad_rows();
    std::ranges::merge(of_block, bad_cells, std::back_inserter(part.bad_rows), {}, &BadRow::line, &BadRow::line);
  }

  Status read_parts() {
    const std::size_t batch = threads_ == 1 ? 1 : threads_ * 2;
    for (;;) {
      while (queue_.size() < batch && cut()) {
      }
      if (queue_.empty()) break;
      const std::size_t count = std::min(batch, queue_.size());
      parallel_for(threads_, count, [this](std::size_t i) { parse(queue_[i]); });
      for (std::size_t i = 0; i < count; ++i) {
        VIGIE_TRY(take(queue_.front()));
        queue_.pop_front();
      }
      progress_.advance_to(cutter_.position());
    }
    if (!cut_failure_) return {};
    if (cut_failure_->place.line > 0) cut_failure_->place.line += line_ - 1;
    return std::unexpected(*cut_failure_);
  }

  Status take(Part& part) {
    for (BadRow& bad : part.bad_rows) {
      bad.line += line_ - 1;
      bad.at_line += line_ - 1;
      if (options_.on_bad_row == OnBadRow::kFail) return std::unexpected(to_error(bad, header_->file));
      VIGIE_TRY(rejects_.add(bad));
    }
    if (part.failure) {
      part.failure->place.line += line_ - 1;
      return std::unexpected(*part.failure);
    }
    line_ += part.lines;
    for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i].append_all(std::move(part.columns[i]));
    if (columns_.front().size() > std::numeric_limits<std::uint32_t>::max()) {
      return fail(Code::kResourceExhausted, "more than 4,294,967,295 rows", {.file = header_->file},
                  "split the file, or stream it");
    }
    return {};
  }

  Result<Reading> finish() {
    if (columns_.front().size() == 0) {
      if (rejects_.count() > 0) {
        return fail(Code::kInvalidData, fmt::format("none of its {} rows can be used", rejects_.count()),
                    {.file = header_->file}, "look at the reasons for which they were rejected");
      }
      return fail(Code::kInvalidData, "there is a header but no row", {.file = header_->file}, "give a file with rows");
    }
    Reading reading{.form = FileForm::kCsv, .rejected = rejects_.count()};
    for (auto& column : columns_) reading.table.add(std::move(column).finish());
    return reading;
  }

  const ReadOptions& options_;
  Progress& progress_;
  std::size_t threads_;
  RecordCutter cutter_;
  RejectFile rejects_;
  std::shared_ptr<const CsvHeader> header_;
  std::vector<Selected> selection_;
  std::vector<ColumnBuilder> columns_;
  std::deque<Part> queue_;
  std::optional<Error> cut_failure_;
  bool cut_done_ = false;
  std::uint64_t line_ = 1;
};

}  // namespace

Result<Reading> read_csv(std::unique_ptr<ByteSource> source, const ReadOptions& options, Progress& progress) {
  return TableReader(std::move(source), options, progress).run();
}

Result<Reading> read_csv(const std::filesystem::path& path, const ReadOptions& options, Progress& progress) {
  return read_csv(VIGIE_TRY(open_bytes(path, Access::kMapped)), options, progress);
}

}  // namespace vigie::dataset
