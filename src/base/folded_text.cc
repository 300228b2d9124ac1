#include "base/folded_text.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace vigie {
namespace {

// The plain lower-case letter of each character from `first` on, '.' where there is none (or two: folded()). By
// Unicode's decompositions (NFKD), and by hand for letters with strokes, which have none.
struct Letters {
  std::uint32_t first;
  std::string_view plain;
};

constexpr std::array<Letters, 3> kLetters = {{
    {0xC0,
     "aaaaaa.ceeeeiiiidnooooo.ouuuuy..aaaaaa.ceeeeiiiidnooooo.ouuuuy.y"
     "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkkkllllllllllnnnnnnnnnoooooo.."
     "rrrrrrssssssssttttttuuuuuuuuuuuuww"
     "yyyzzzzzzs"},
    {0x1CD, "aaiioouuuuuuuuuu.aaaa....ggkkoooo..j...gg..nnaa..ooaaaaeeeeiiiioooorrrruuuusstt..hh......aaeeooooooooyy"},
    {0x1E00,
     "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttt"
     "tuuuuuu"
     "uuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwy.s...."
     "aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuu"
     "uuyyyyyyyy"},
}};

std::uint32_t decode(std::string_view sequence) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(sequence[i])); };
  switch (sequence.size()) {
    case 1: return byte(0);
    case 2: return (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
    case 3: return (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    default: return (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
  }
}

// What stands in the folded text for the character that `sequence` is: never more bytes than it has.
std::string_view folded(std::string_view sequence) {
  const std::uint32_t code = decode(sequence);
  if (code >= 0x300 && code <= 0x36F) return {};  // accents that stand apart
  switch (code) {
    case 0xC6:
    case 0xE6: return "ae";
    case 0x152:
    case 0x153: return "oe";
    case 0x132:
    case 0x133: return "ij";
    case 0xDE:
    case 0xFE: return "th";
    case 0xDF:
    case 0x1E9E: return "ss";
    default: break;
  }
  for (const Letters& letters : kLetters) {
    if (code >= letters.first && code < letters.first + letters.plain.size()) {
      const std::string_view plain = letters.plain.substr(code - letters.first, 1);
      return plain == "." ? sequence : plain;
    }
  }
  return sequence;
}

}  // namespace

bool is_folded(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char c) { return static_cast<unsigned char>(c) < 0x80 && !(c >= 'A' && c <= 'Z'); });
}

std::optional<std::size_t> fold_text(std::string_view text, char* out) {
  char* end = out;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) < 0x80) {
      *end++ = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      ++at;
      continue;
    }
    const std::size_t length = utf8_sequence(text.substr(at));
    if (length == 0) return std::nullopt;
    end = std::ranges::copy(folded(text.substr(at, length)), end).out;
    at += length;
  }
  return static_cast<std::size_t>(end - out);
}

}  // namespace vigie
