#include "dataset/simulate_card_file.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/number.h"
#include "base/parallel.h"
#include "dataset/bytes.h"

namespace vigie::dataset {
namespace {

constexpr std::size_t kMostThreads = 16;  // each holds a block's rows and their text
constexpr std::size_t kRowBytes = 560;    // of CSV, a little above what comes; NDJSON grows past it

bool wants_ndjson(const std::filesystem::path& path) {
  const auto suffix = without_compression_suffix(path).extension();
  return suffix == ".ndjson" || suffix == ".jsonl" || suffix == ".json";
}

struct Block {
  std::string text;
  std::uint64_t frauds = 0;
};

// `before[k]` goes before column k's value: a comma, or a JSON key.
Block render(const Table& table, const std::vector<std::string>& before, const std::string& after) {
  Block block;
  block.text.reserve(table.rows() * kRowBytes);
  const auto columns = table.columns();
  for (std::size_t row = 0; row < table.rows(); ++row) {
    for (std::size_t k = 0; k < columns.size(); ++k) {
      block.text += before[k];
      columns[k].append_text(row, block.text);
    }
    block.text += after;
  }
  for (const auto flag : columns.back().integers()) block.frauds += static_cast<std::uint64_t>(flag);
  return block;
}

}  // namespace

Result<SimulatedFile> write_simulated_cards(const CardSimulation& options, std::uint64_t rows,
                                            const std::filesystem::path& path, std::size_t threads,
                                            Progress& progress) {
  VIGIE_TRY(check(options));
  if (rows == 0) return fail(Code::kInvalidArgument, "no rows asked for", {}, "give a number of rows from 1");
  const bool ndjson = wants_ndjson(path);
  auto sink = VIGIE_TRY(ByteSink::create(path));

  std::vector<std::string> before;
  std::string header;
  const Table empty = simulate_card_block(options, 0, 0);
  for (const auto& column : empty.columns()) {
    const bool first = before.empty();
    header += (first ? "" : ",") + column.name();
    before.push_back(ndjson ? (first ? "{\"" : ",\"") + column.name() + "\":" : (first ? "" : ","));
  }
  if (!ndjson) VIGIE_TRY(sink.write(header + "\n"));
  const std::string after = ndjson ? "}\n" : "\n";

  SimulatedFile result{.rows = rows};
  const std::uint64_t blocks = card_blocks(rows);
  const std::size_t workers = std::min(thread_count(threads), kMostThreads);
  std::vector<Block> ready(workers);
  std::uint64_t written = 0;
  progress.begin("simulate", rows, "rows");
  for (std::uint64_t first = 0; first < blocks; first += workers) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(workers, blocks - first));
    parallel_for(workers, count, [&](std::size_t i) {
      ready[i] = render(simulate_card_block(options, first + i, card_block_rows(rows, first + i)), before, after);
    });
    for (std::size_t i = 0; i < count; ++i) {
      VIGIE_TRY(sink.write(ready[i].text));
      result.frauds += ready[i].frauds;
      written += card_block_rows(rows, first + i);
    }
    progress.advance_to(written);
  }
  VIGIE_TRY(sink.commit());
  progress.end();
  return result;
}

}  // namespace vigie::dataset
