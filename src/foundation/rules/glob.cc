#include "foundation/rules/glob.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <cstring>

namespace pawl::rules {
namespace {

constexpr std::size_t kMaxBytes = 2048;
constexpr std::int64_t kMaxProgramBytes = 256 * 1024;

// "**/" after a "/" or at the start is one wildcard: nothing, or anything that ends in "/".
std::string to_pattern(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '*') {
      out += RE2::QuoteMeta(re2::StringPiece(text.data() + i, 1));
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && text[end] == '*') {
      ++end;
    }
    const bool deep = end - i >= 2;
    const bool whole_folders =
        deep && end < text.size() && text[end] == '/' && (i == 0 || text[i - 1] == '/');
    out += whole_folders ? "(?:(?s:.*)/)?" : deep ? "(?s:.*)" : "[^/]*";
    i = whole_folders ? end + 1 : end;
  }
  return out;
}

std::vector<std::string> pieces_between(std::string_view text) {
  std::vector<std::string> out;
  std::size_t at = text.find('*');
  while (at != std::string_view::npos) {
    const std::size_t start = text.find_first_not_of('*', at);
    at = text.find('*', start);
    if (start != std::string_view::npos && at != std::string_view::npos) {
      out.emplace_back(text.substr(start, at - start));
    }
  }
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// The byte at `i`, percent-decoded as often as it is encoded ("%252e" too); advances `i` past it.
char decoded(std::string_view text, std::size_t& i) {
  char c = text[i++];
  while (c == '%') {
    std::size_t at = i;
    while (text.substr(at).starts_with("25")) {
      at += 2;
    }
    if (at + 1 >= text.size() || hex_digit(text[at]) < 0 || hex_digit(text[at + 1]) < 0) {
      return c;
    }
    c = static_cast<char>(hex_digit(text[at]) * 16 + hex_digit(text[at + 1]));
    i = at + 2;
  }
  return c;
}

bool is_one_of(char c, std::string_view characters) {
  return characters.find(c) != std::string_view::npos;
}

// RFC 3986, 2.3: characters that a URI never needs to encode; and the two that part folders.
bool never_needs_encoding(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || is_one_of(c, "-._~/\\");
}

// The length of "scheme://" at the start; 0: there is none.
std::size_t scheme_size(std::string_view text) {
  const std::size_t colon = text.find("://");
  const auto in_scheme = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || is_one_of(c, "+-.");
  };
  const bool scheme =
      colon != std::string_view::npos && colon > 0 &&
      std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), in_scheme);
  return scheme ? colon + 3 : 0;
}

// A second way to write the same place: an empty folder, a scheme in capitals, a host before a
// file.
bool has_second_spelling(std::string_view text) {
  const std::size_t size = scheme_size(text);
  const std::string_view scheme = text.substr(0, size);
  std::string_view rest = text.substr(size, text.find_first_of("?#", size) - size);
  if (size == 0) {
    return rest.find("//") != std::string_view::npos;
  }
  const bool capitals = std::any_of(scheme.begin(), scheme.end(), [](char c) {
    return std::isupper(static_cast<unsigned char>(c)) != 0;
  });
  return capitals || (scheme == "file://" && !rest.starts_with('/')) ||
         rest.find("//") != std::string_view::npos;
}

}  // namespace

Result<Glob> Glob::make(std::string_view text) {
  if (text.size() > kMaxBytes) {
    return fail(Code::kUnsupported, "glob longer than 2048 bytes");
  }
  Glob glob;
  const std::size_t first = text.find('*');
  glob.prefix_ = text.substr(0, first);
  if (first == std::string_view::npos) {
    return glob;
  }
  const std::size_t last = text.rfind('*');
  const std::string_view wildcard = text.substr(first, last - first + 1);
  glob.suffix_ = text.substr(last + 1);
  const bool one = wildcard == "*" || wildcard == "**";
  const bool whole_folders = wildcard != "*" && glob.suffix_.starts_with('/');
  if (one && !whole_folders) {
    glob.kind_ = wildcard == "*" ? Kind::kStar : Kind::kDoubleStar;
    return glob;
  }
  if (whole_folders) {
    glob.suffix_.erase(0, 1);
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_never_capture(true);
  options.set_max_mem(kMaxProgramBytes);
  auto compiled = std::make_shared<RE2>(to_pattern(text), options);
  if (!compiled->ok()) {
    return fail(Code::kUnsupported, "glob too large to compile");
  }
  glob.kind_ = Kind::kMixed;
  glob.flat_ = text.find('/') == std::string_view::npos;
  if (glob.flat_) {
    glob.pieces_ = pieces_between(text);
  }
  glob.mixed_ = std::move(compiled);
  return glob;
}

bool Glob::matches(std::string_view text) const {
  if (kind_ == Kind::kExact) {
    return text == prefix_;
  }
  if (text.size() < prefix_.size() || !text.starts_with(prefix_) || !text.ends_with(suffix_)) {
    return false;
  }
  if (kind_ == Kind::kMixed && !(flat_ && text.find('/') == std::string_view::npos)) {
    return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *mixed_);
  }
  if (text.size() < prefix_.size() + suffix_.size()) {
    return false;
  }
  const std::string_view run =
      text.substr(prefix_.size(), text.size() - prefix_.size() - suffix_.size());
  if (kind_ == Kind::kMixed) {
    return has_pieces(run);
  }
  return kind_ == Kind::kDoubleStar || run.find('/') == std::string_view::npos;
}

// The first place of each piece leaves the most for those behind it. memmem: its cost is linear.
bool Glob::has_pieces(std::string_view run) const {
  for (const std::string& piece : pieces_) {
    const void* const found = run.size() < piece.size()
                                  ? nullptr
                                  : memmem(run.data(), run.size(), piece.data(), piece.size());
    if (found == nullptr) {
      return false;
    }
    run.remove_prefix(static_cast<const char*>(found) - run.data() + piece.size());
  }
  return true;
}

bool Glob::matches_everything() const {
  return kind_ == Kind::kDoubleStar && prefix_.empty() && suffix_.empty();
}

std::uint64_t Glob::pairs() const {
  std::uint64_t pairs = pairs_of(prefix_) | pairs_of(suffix_);
  for (const std::string& piece : pieces_) {
    pairs |= pairs_of(piece);
  }
  return pairs;
}

std::uint64_t pairs_of(std::string_view text) {
  std::uint64_t pairs = 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const unsigned first = static_cast<unsigned char>(text[i - 1]);
    const unsigned second = static_cast<unsigned char>(text[i]);
    pairs |= std::uint64_t{1} << ((first * 31 + second * 7) % 63);
  }
  return pairs;
}

bool has_wildcard(std::string_view text) {
  return text.find('*') != std::string_view::npos;
}

bool is_devious(std::string_view text) {
  if (text.find("//") != std::string_view::npos && has_second_spelling(text)) {
    return true;
  }
  // The common case: nothing that could hide a folder.
  if (text.find_first_of(std::string_view("%.\0", 3)) == std::string_view::npos) {
    return false;
  }
  std::size_t dots = 0;
  bool only_dots = true;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t begin = i;
    const char c = decoded(text, i);
    if (c == '\0' || (i > begin + 1 && never_needs_encoding(c))) {
      return true;
    }
    if (c == '/' || c == '\\') {
      if (only_dots && (dots == 1 || dots == 2)) {
        return true;
      }
      dots = 0;
      only_dots = true;
    } else if (c == '.') {
      ++dots;
    } else {
      only_dots = false;
    }
  }
  return only_dots && (dots == 1 || dots == 2);
}

}  // namespace pawl::rules
