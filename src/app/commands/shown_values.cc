#include "app/commands/shown_values.h"

#include <limits>

#include "app/commands/shown_text.h"

namespace pawl {
namespace {

constexpr std::size_t kColumns = 72;

// `line` is shown text: what is not ASCII is a letter, of two columns at most. What goes on in the
// next one has a sign of its own, so that no value can look like two.
void append_line(std::string_view line, std::string& out) {
  std::size_t columns = 0;
  out += "  | ";
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto byte = static_cast<unsigned char>(line[i]);
    const bool continues = (byte & 0xc0u) == 0x80u;
    const std::size_t width = continues ? 0 : byte < 0x80 ? 1 : 2;
    if (columns + width > kColumns) {
      out += "\n  : ";
      columns = 0;
    }
    columns += width;
    out += line[i];
  }
  out += '\n';
}

}  // namespace

std::string whole_text(std::string_view text) {
  return shown_text(text, std::numeric_limits<std::size_t>::max());
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : whole_text(text)) {
    out += c == '"' ? std::string("\\\"") : std::string(1, c);
  }
  return out + "\"";
}

std::string named(std::string_view pointer) {
  return pointer.find_first_of(" \"") == pointer.npos ? whole_text(pointer) : quoted(pointer);
}

std::string block_of(std::string_view shown) {
  std::string out;
  while (!shown.empty()) {
    const std::size_t end = shown.find('\n');
    append_line(shown.substr(0, end), out);
    shown.remove_prefix(end == shown.npos ? shown.size() : end + 1);
  }
  return out;
}

}  // namespace pawl
