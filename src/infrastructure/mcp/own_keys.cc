#include "infrastructure/mcp/own_keys.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "foundation/records/names.h"
#include "infrastructure/mcp/meta.h"

namespace pawl::mcp {
namespace {

enum class Place { kAny, kMeta, kData };

// One pass over a valid text that notes the members to cut. Nests as deep as json::parse allows.
class Scan {
 public:
  Scan(std::string_view text, bool from_client, std::string_view data)
      : text_(text), from_client_(from_client), data_(data) {}

  std::vector<json::Span> cuts() {
    value(Place::kAny);
    return std::move(cuts_);
  }

 private:
  void value(Place place) {
    ++depth_;
    any_value(place);
    --depth_;
  }

  void any_value(Place place) {
    space();
    switch (peek()) {
      case '{':
        object(place);
        return;
      case '[':
        array(place);
        return;
      case '"':
        string();
        return;
      default:
        at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
    }
  }

  void array(Place place) {
    const Place inside = place == Place::kData ? place : Place::kAny;
    for (bool more = open(']'); more; more = next(']')) {
      value(inside);
    }
  }

  void object(Place place) {
    bool kept = false;        // a member before this one stays
    std::size_t comma = at_;  // before this member
    for (bool more = open('}'); more; more = next('}')) {
      space();
      const std::size_t begin = at_;
      const std::string_view key = string();
      space();
      ++at_;  // the colon
      const bool cut = place == Place::kMeta && is_own(key);
      value(cut ? Place::kData : place_of(key, place));
      const std::size_t end = at_;
      space();
      if (!cut) {
        kept = true;
      } else if (kept) {
        cuts_.push_back({comma, end});
      } else if (peek() == ',') {
        cuts_.push_back({begin, at_ + 1});
      } else {
        cuts_.push_back({begin, end});
      }
      comma = at_;
    }
  }

  Place place_of(std::string_view quoted, Place place) const {
    if (place == Place::kData) {
      return place;
    }
    const std::string key = unquoted(quoted);
    return key == kMeta                                    ? Place::kMeta
           : depth_ == 1 && !data_.empty() && key == data_ ? Place::kData
                                                           : Place::kAny;
  }

  bool is_own(std::string_view quoted) const {
    const std::string key = unquoted(quoted);
    return key.starts_with(names::kMetaPrefix) &&
           !(from_client_ && (key == names::kMetaParents || key == names::kMetaIdempotency));
  }

  static std::string unquoted(std::string_view quoted) {
    if (quoted.find('\\') == std::string_view::npos) {
      return std::string(quoted.substr(1, quoted.size() - 2));
    }
    const Result<json::Parsed> parsed = json::parse(quoted);
    return parsed && parsed->value.is_string() ? std::string(parsed->value.get_string())
                                               : std::string();
  }

  // Past the opening bracket; false: the container is empty, and passed.
  bool open(char close) {
    ++at_;
    space();
    return !passed(close);
  }
  // Past the comma; false: past the closing bracket.
  bool next(char close) {
    space();
    if (passed(close)) {
      return false;
    }
    ++at_;
    return at_ < text_.size();
  }
  bool passed(char close) {
    const bool is_end = peek() == close || at_ >= text_.size();
    at_ += is_end ? 1 : 0;
    return is_end;
  }
  // The string with its quotes.
  std::string_view string() {
    const std::size_t begin = at_;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      at_ += text_[at_] == '\\' ? 1 : 0;
    }
    at_ = std::min(at_ + 1, text_.size());
    return text_.substr(begin, at_ - begin);
  }
  void space() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  const std::string_view text_;
  const bool from_client_;
  const std::string_view data_;
  int depth_ = 0;
  std::size_t at_ = 0;
  std::vector<json::Span> cuts_;
};

std::string cleaned(std::string json, bool from_client, std::string_view data) {
  if (!may_hold_own_keys(json)) {
    return json;
  }
  const std::vector<json::Span> cuts = Scan(json, from_client, data).cuts();
  if (cuts.empty()) {
    return json;
  }
  std::string out;
  out.reserve(json.size());
  std::size_t from = 0;
  for (const json::Span& cut : cuts) {
    out.append(json, from, cut.begin - from);
    from = cut.end;
  }
  out.append(json, from);
  return out;
}

}  // namespace

// A letter of the prefix can be written otherwise only as \uXXXX. A single byte is found much
// faster than two, and most texts have no backslash.
bool may_hold_own_keys(std::string_view text) {
  for (std::size_t at = text.find('\\'); at != text.npos; at = text.find('\\', at + 2)) {
    if (at + 1 < text.size() && text[at + 1] == 'u') {
      return true;
    }
  }
  // By its rarest letter: many texts hold a "p" in each word.
  constexpr std::string_view kPrefix = names::kMetaPrefix;
  constexpr std::size_t kRare = kPrefix.find('w');
  for (std::size_t at = text.find('w', kRare); at != text.npos; at = text.find('w', at + 1)) {
    if (text.substr(at - kRare).starts_with(kPrefix)) {
      return true;
    }
  }
  return false;
}

std::string without_own_keys(std::string json, std::string_view data) {
  return cleaned(std::move(json), false, data);
}

std::string without_forged_keys(std::string json, std::string_view data) {
  return cleaned(std::move(json), true, data);
}

}  // namespace pawl::mcp
