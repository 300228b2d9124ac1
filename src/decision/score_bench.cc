// A CSV file of card transactions to a scored CSV file, beside the floor: reading, counting line ends and writing the
// same bytes. The output is checked row by row against single decisions before any time is taken. One thread is
// measured in CPU time, several in time that passes; the folder is the system's temporary one.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/number.h"
#include "dataset/bytes.h"
#include "dataset/simulate_card_file.h"
#include "decision/random_card_model.h"
#include "decision/score_file.h"

namespace vigie::decision {
namespace {

constexpr std::uint64_t kRows = 200'000;

// A simulated file and where its copies go; gone with the program.
struct Files {
  Files() : folder(std::filesystem::temp_directory_path() / ("vigie_score_bench_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder);
    input = folder / "in.csv";
    output = folder / "out.csv";
    const auto made = dataset::write_simulated_cards({}, kRows, input);
    if (!made) {
      std::fprintf(stderr, "%s\n", made.error().to_string().c_str());
      std::exit(1);
    }
  }
  ~Files() { std::filesystem::remove_all(folder); }

  std::filesystem::path folder;
  std::filesystem::path input;
  std::filesystem::path output;
};

const Files& files() {
  static const Files made;
  return made;
}

const CardService& service() {
  static const auto made = CardService::make(random_card_model(1)).value();
  return *made;
}

// The simulated file has Time, V1..V28, Amount and Class; the model's order begins with Time and Amount.
std::array<double, schema::kCardRaw> raw_of(const std::string& line) {
  std::array<double, schema::kCardRaw> row{};
  const char* at = line.c_str();
  for (std::size_t column = 0; column < schema::kCardRaw; ++column) {
    char* end = nullptr;
    const double value = std::strtod(at, &end);
    row[column == 0 ? 0 : column == schema::kCardRaw - 1 ? 1 : column + 1] = value;
    at = end + 1;
  }
  return row;
}

bool output_is_right() {
  if (!score_file(service(), files().input, files().output, {})) return false;
  std::ifstream in(files().input);
  std::ifstream out(files().output);
  std::string given;
  std::string scored;
  std::getline(in, given);
  std::getline(out, scored);
  if (scored != given + ",hybrid_score,fraud") return false;
  std::uint64_t rows = 0;
  for (; std::getline(in, given); ++rows) {
    const domain::CardDecision decision = service().decide(raw_of(given));
    if (!std::getline(out, scored) ||
        scored != given + "," + format_double(decision.hybrid_score) + (decision.fraud ? ",1" : ",0")) {
      return false;
    }
  }
  return rows == kRows && !std::getline(out, scored);
}

void report(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * std::filesystem::file_size(files().input)));
  state.counters["rows/s"] =
      benchmark::Counter(static_cast<double>(state.iterations() * kRows), benchmark::Counter::kIsRate);
}

void BM_FloorReadCountWrite(benchmark::State& state) {
  std::vector<char> block(std::size_t{1} << 18);
  for (auto _ : state) {
    auto source = dataset::open_bytes(files().input).value();
    auto sink = dataset::ByteSink::create(files().output).value();
    std::uint64_t lines = 0;
    while (const std::size_t got = source->read(block).value()) {
      const char* at = block.data();
      const char* const end = at + got;
      while ((at = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)))) != nullptr) {
        ++lines;
        ++at;
      }
      if (!sink.write({block.data(), got})) state.SkipWithError("cannot write");
    }
    if (lines != kRows + 1 || !sink.commit()) state.SkipWithError("wrong number of lines");
  }
  report(state);
}
BENCHMARK(BM_FloorReadCountWrite)->Unit(benchmark::kMillisecond);

void BM_ScoreCsv(benchmark::State& state) {
  static const bool right = output_is_right();
  if (!right) {
    state.SkipWithError("the scored file is not what single decisions give");
    return;
  }
  for (auto _ : state) {
    const auto scored =
        score_file(service(), files().input, files().output, {.threads = static_cast<std::size_t>(state.range(0))});
    if (!scored || scored->rows != kRows) state.SkipWithError("wrong rows");
  }
  report(state);
}
BENCHMARK(BM_ScoreCsv)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_ScoreCsv)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace vigie::decision
