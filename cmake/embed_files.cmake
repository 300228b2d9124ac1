# Run at build time, by src/web/CMakeLists.txt: cmake -D FOLDER=... -D "NAMES=a;b" -D OUTPUT=... -P embed_files.cmake
# Reads FOLDER/NAME, FOLDER/NAME.gz and FOLDER/NAME.br for each name; writes OUTPUT.S, which holds their bytes, and
# OUTPUT.cc, the table of them behind vigie::web::files().
cmake_minimum_required(VERSION 3.25)

set(assembler "  .section .rodata\n")
set(declarations "")
set(rows "")
set(count 0)

# embed(FILE LIMIT ROW): FILE's bytes, where they are fewer than LIMIT, as a string_view in ROW.
macro(embed file limit row)
  file(SIZE "${file}" size)
  if(size LESS ${limit})
    set(symbol "vigie_web_file_${count}")
    math(EXPR count "${count} + 1")
    string(APPEND assembler "  .balign 16\n  .globl ${symbol}\n  .hidden ${symbol}\n${symbol}:\n  .incbin \"${file}\"\n")
    string(APPEND declarations "[[gnu::visibility(\"hidden\")]] extern const char ${symbol}[];\n")
    string(APPEND ${row} ", {${symbol}, ${size}}")
  else()
    string(APPEND ${row} ", {}")
  endif()
endmacro()

list(SORT NAMES)
foreach(name IN LISTS NAMES)
  file(SHA256 "${FOLDER}/${name}" hash)
  string(SUBSTRING "${hash}" 0 32 hash)
  file(SIZE "${FOLDER}/${name}" whole)
  # A form that saves less than a tenth is not worth a reader's decoding.
  math(EXPR worthwhile "${whole} * 9 / 10")
  math(EXPR any "${whole} + 1")
  set(row "{\"${name}\", \"${hash}\"")
  embed("${FOLDER}/${name}" ${any} row)
  embed("${FOLDER}/${name}.gz" ${worthwhile} row)
  embed("${FOLDER}/${name}.br" ${worthwhile} row)
  string(APPEND rows "    ${row}},\n")
endforeach()

# The last section says that this object needs no executable stack.
file(WRITE "${OUTPUT}.S" "${assembler}  .section .note.GNU-stack,\"\",%progbits\n")
file(WRITE "${OUTPUT}.cc"
  "// Made by cmake/embed_files.cmake.\n#include \"web/files.h\"\n\nextern \"C\" {\n${declarations}}\n\n"
  "namespace vigie::web {\nnamespace {\n\nconstexpr File kFiles[] = {\n${rows}};\n\n}  // namespace\n\n"
  "std::span<const File> files() { return kFiles; }\n\n}  // namespace vigie::web\n")
