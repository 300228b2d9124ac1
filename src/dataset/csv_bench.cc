// Reading ULB-shaped CSV: ours against a floor (finding the line ends) and an obvious reader (getline and strtod).
// Every bench checks its sum. A real file's figure: VIGIE_BENCH_CSV=creditcard.csv vigie_dataset_bench
// --benchmark_filter=Real
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>

#include "base/cpu.h"
#include "base/file.h"
#include "base/number.h"
#include "base/random.h"
#include "dataset/csv.h"
#include "dataset/csv_scan.h"

namespace vigie::dataset {
namespace {

constexpr std::size_t kColumns = 30;

struct Sample {
  std::string text;
  std::size_t rows = 0;
  double sum = 0;
};

double rounded(double value, double scale) { return std::round(value * scale) / scale; }

// Time, V1..V28 with the 14 to 15 decimals of the original, Amount with two: 17 bytes a field.
const Sample& ulb_shaped() {
  static const Sample sample = [] {
    Sample made;
    made.rows = 60'000;
    made.text = "Time";
    for (int i = 1; i <= 28; ++i) made.text += ",V" + std::to_string(i);
    made.text += ",Amount\n";
    Random random(7);
    for (std::size_t row = 0; row < made.rows; ++row) {
      double values[kColumns];
      values[0] = static_cast<double>(row);
      for (std::size_t i = 1; i < 29; ++i) values[i] = rounded(random.normal(), i % 3 == 0 ? 1e15 : 1e14);
      values[29] = rounded(random.exponential(88), 100);
      for (std::size_t i = 0; i < kColumns; ++i) {
        if (i > 0) made.text += ',';
        append_double(made.text, values[i]);
        made.sum += values[i];
      }
      made.text += '\n';
    }
    return made;
  }();
  return sample;
}

void report(benchmark::State& state, const Sample& sample) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * sample.text.size()));
  state.counters["rows/s"] =
      benchmark::Counter(static_cast<double>(state.iterations() * sample.rows), benchmark::Counter::kIsRate);
}

void BM_FloorLineEnds(benchmark::State& state) {
  const Sample& sample = ulb_shaped();
  for (auto _ : state) {
    std::size_t lines = 0;
    const char* at = sample.text.data();
    const char* const end = at + sample.text.size();
    while ((at = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)))) != nullptr) {
      ++lines;
      ++at;
    }
    if (lines != sample.rows + 1) state.SkipWithError("wrong number of lines");
  }
  report(state, sample);
}
BENCHMARK(BM_FloorLineEnds)->Unit(benchmark::kMillisecond);

void BM_ObviousGetlineStrtod(benchmark::State& state) {
  const Sample& sample = ulb_shaped();
  for (auto _ : state) {
    std::istringstream in(sample.text);
    std::string line;
    std::getline(in, line);
    double sum = 0;
    while (std::getline(in, line)) {
      const char* at = line.c_str();
      while (*at != '\0') {
        char* end = nullptr;
        sum += std::strtod(at, &end);
        at = *end == ',' ? end + 1 : end;
      }
    }
    if (sum != sample.sum) state.SkipWithError("wrong sum");
  }
  report(state, sample);
}
BENCHMARK(BM_ObviousGetlineStrtod)->Unit(benchmark::kMillisecond);

template <void (*Scan)(std::string_view, char, Structure&), CpuLevel Level>
void BM_Scan(benchmark::State& state) {
  if (cpu_level() < Level) {
    state.SkipWithError("not on this CPU");
    return;
  }
  const Sample& sample = ulb_shaped();
  Structure structure;
  for (auto _ : state) {
    Scan(sample.text, ',', structure);
    if (structure.marks.size() != (sample.rows + 1) * kColumns) state.SkipWithError("wrong number of marks");
  }
  report(state, sample);
}
BENCHMARK(BM_Scan<scan_portable, CpuLevel::kBaseline>)->Name("BM_ScanPortable")->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Scan<scan_avx2, CpuLevel::kAvx2>)->Name("BM_ScanAvx2")->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Scan<scan_avx512, CpuLevel::kAvx512>)->Name("BM_ScanAvx512")->Unit(benchmark::kMillisecond);

// Text to a row-major matrix in blocks, as `vigie score` reads.
void BM_ReaderNumbers(benchmark::State& state) {
  const Sample& sample = ulb_shaped();
  std::vector<std::uint32_t> columns(kColumns);
  for (std::uint32_t i = 0; i < kColumns; ++i) columns[i] = i;
  for (auto _ : state) {
    auto reader = CsvReader::open(bytes_in_memory(sample.text, "bench", std::size_t{1} << 16), {});
    CsvBlock block;
    std::vector<double> numbers;
    std::vector<CsvBlock::CellError> errors;
    double sum = 0;
    while (*reader->next(block)) {
      numbers.resize(block.rows() * kColumns);
      block.parse_numbers(columns, numbers, errors);
      for (const double number : numbers) sum += number;
    }
    if (sum != sample.sum || !errors.empty()) state.SkipWithError("wrong sum");
  }
  report(state, sample);
}
BENCHMARK(BM_ReaderNumbers)->Unit(benchmark::kMillisecond);

void BM_ReadTable(benchmark::State& state) {
  const Sample& sample = ulb_shaped();
  ReadOptions options;
  options.threads = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    const auto reading = read_csv(bytes_in_memory(sample.text), options);
    if (!reading || reading->table.rows() != sample.rows) state.SkipWithError("wrong rows");
    double sum = 0;
    for (std::size_t row = 0; row < sample.rows; ++row) {
      const auto& columns = reading->table.columns();
      sum += static_cast<double>(columns[0].integers()[row]);
      for (std::size_t i = 1; i < kColumns; ++i) sum += columns[i].numbers()[row];
    }
    if (sum != sample.sum) state.SkipWithError("wrong sum");
  }
  report(state, sample);
}
BENCHMARK(BM_ReadTable)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace vigie::dataset
