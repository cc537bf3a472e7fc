#include "foundation/ledger/tile_path.h"

#include <algorithm>
#include <charconv>

namespace pawl::ledger {

std::string print_tile_path(const TileName& name) {
  std::string digits = std::to_string(name.index);
  digits.insert(0, (3 - digits.size() % 3) % 3, '0');
  std::string path = "tile/" + (name.level ? std::to_string(*name.level) : "entries");
  for (std::size_t at = 0; at < digits.size(); at += 3) {
    path += (at + 3 < digits.size() ? "/x" : "/") + digits.substr(at, 3);
  }
  if (name.width != kTileWidth) {
    path += ".p/" + std::to_string(name.width);
  }
  return path;
}

// Reads leniently, then accepts only what printing gives back: one text for one name.
Result<TileName> parse_tile_path(std::string_view path) {
  const auto not_found = [&] {
    return fail(Code::kNotFound, "no such resource: " + std::string(path.substr(0, 100)));
  };
  const auto number = [](std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                    : std::nullopt;
  };
  std::string_view rest = path;
  if (!rest.starts_with("tile/")) {
    return not_found();
  }
  rest.remove_prefix(5);
  const std::string_view level = rest.substr(0, rest.find('/'));
  rest.remove_prefix(std::min(level.size() + 1, rest.size()));
  TileName name;
  if (level != "entries") {
    const std::optional<std::uint64_t> value = number(level);
    if (!value || *value > 63) {
      return not_found();
    }
    name.level = static_cast<unsigned>(*value);
  }
  if (const std::size_t partial = rest.find(".p/"); partial != rest.npos) {
    const std::optional<std::uint64_t> width = number(rest.substr(partial + 3));
    if (!width || *width == 0 || *width >= kTileWidth) {
      return not_found();
    }
    name.width = static_cast<unsigned>(*width);
    rest = rest.substr(0, partial);
  }
  std::string digits(rest);
  std::erase_if(digits, [](char c) { return c == 'x' || c == '/'; });
  const std::optional<std::uint64_t> index = number(digits);
  if (!index) {
    return not_found();
  }
  name.index = *index;
  if (print_tile_path(name) != path) {
    return not_found();
  }
  return name;
}

}  // namespace pawl::ledger
