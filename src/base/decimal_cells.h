// The numbers in many cells of one text, for readers of files: what parse_double() reads, several times as fast where
// the cells are plain.
//
//   std::size_t done = 0;
//   while ((done += parse_cells({cells + done, end}, out + done)) < count) out[done] = carefully(cells[done]), ++done;
#pragma once

#include <cstddef>
#include <span>

namespace vigie {

struct TextCell {
  const char* begin;
  const char* end;
};

// That many bytes before and after every cell must be readable.
inline constexpr std::size_t kCellSlack = 40;

// Reads cells into `out` up to the first that is not plain, and returns how many those are. Plain is a '-' at most,
// then 1 to 19 digits with a point at most among them. A cell that is not plain may still be a number.
std::size_t parse_cells(std::span<const TextCell> cells, double* out);

// The ways there are, for tests and benches: each only where cpu_level() has it.
std::size_t parse_cells_avx512(std::span<const TextCell> cells, double* out);
std::size_t parse_cells_avx2(std::span<const TextCell> cells, double* out);
std::size_t parse_cells_portable(std::span<const TextCell> cells, double* out);

}  // namespace vigie
